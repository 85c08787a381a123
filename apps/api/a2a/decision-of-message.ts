import type { Message } from '@a2a-js/sdk';
import { UnsupportedOperationError } from '@a2a-js/sdk/errors';
import { type DecideApproval, decideApprovalSchema } from '../../../contracts/approvals.js';
import type { OpenQuestion } from '../../../database/a2a-tasks.repository.js';
import { invalidField } from '../common/invalid-field.js';
import { parse } from '../common/schema.pipe.js';
import { contentOf } from './message-content.js';

/**
 * What a message says to a question of its task: `{decision, data?, comment?}` as data, the words approve or reject, or,
 * to a question, whatever is said as its answer. `metadata.approval` names the question, else it is the oldest. Fails
 * UnsupportedOperationError when nothing is asked.
 */
export function decisionOf(
  message: Message,
  questions: OpenQuestion[],
): { approvalId: string; decision: DecideApproval } {
  const named = message.metadata?.['approval'] as unknown;
  const asked = named === undefined ? questions[0] : questions.find(({ id }) => id === named);
  if (questions.length === 0) throw new UnsupportedOperationError('The task asks nothing: it takes no message now');
  if (!asked)
    throw invalidField('message.metadata.approval', `must be one of ${questions.map(({ id }) => id).join(', ')}`);
  const said = contentOf(message);
  if (typeof said === 'object' && said !== null && !Array.isArray(said) && 'decision' in said)
    return { approvalId: asked.id, decision: parse(decideApprovalSchema, said, 'body') };
  const verb = typeof said === 'string' ? said.trim().toLowerCase() : '';
  if (verb === 'approve' || verb === 'reject') return { approvalId: asked.id, decision: { decision: verb } };
  if (asked.kind === 'question') return { approvalId: asked.id, decision: { decision: 'answer', data: said } };
  throw invalidField(
    'message.parts',
    'must say approve or reject, or hold the data {"decision": …, "data"?, "comment"?}',
  );
}
