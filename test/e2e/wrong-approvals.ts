import { uuidv7 } from '../../database/uuid.js';
import { agentRun, invalid, type Wrong } from './wrong-request.js';

const steps = (...list: unknown[]) => ({ pattern: 'sequential', with: { steps: list } });
const step = { name: 'one', capability: 'a' };
const plan = (extra: object) => ({
  pattern: 'plan',
  with: { goal: 'g', planner: { capability: 'p' }, allow: ['a'], ...extra },
});

/** What `POST /v1/runs` refuses of approvals. */
const WRONG_GATES: Wrong[] = [
  { what: 'an approval that stands nowhere', ...invalid(agentRun({ approval: {} }), 'with.approval.before') },
  {
    what: 'an approval due at no time',
    ...invalid(agentRun({ approval: { before: true, due: 'soon' } }), 'with.approval.due'),
  },
  {
    what: 'an approval that escalates to nobody',
    ...invalid(agentRun({ approval: { before: true, onTimeout: 'escalate' } }), 'with.approval.escalateTo'),
  },
  {
    what: 'an approval with an unknown field',
    ...invalid(
      steps({ ...step, approval: { before: true, asignees: ['a'] } }),
      'with.steps[0].approval.asignees',
      'assignees',
    ),
  },
  {
    what: 'an approval of an undoing',
    ...invalid(
      steps({ ...step, compensate: { capability: 'a', approval: { before: true } } }),
      'with.steps[0].compensate.approval',
    ),
  },
  {
    what: 'an approval whose schema is none',
    ...invalid(agentRun({ approval: { before: true, schema: { type: 'strnig' } } }), 'with.approval.schema'),
  },
  {
    what: 'a question that reads what it is not given',
    body: agentRun({ approval: { before: true, question: '${ $input }' } }),
    status: 422,
    code: 'expression.invalid',
    at: 'with.approval.question',
  },
  { what: 'a plan that is approved now and then', ...invalid(plan({ approval: 'sometimes' }), 'with.approval') },
];

const none = uuidv7();
const inApproval = { path: `/v1/approvals/${none}` };
const missing = (what: string, id: string, method: Wrong['method'], body?: unknown): Wrong => ({
  what,
  method,
  path: `/v1/approvals/${id}`,
  status: 404,
  code: 'approval.not_found',
  ...(body === undefined ? {} : { body }),
});
const query = (what: string, text: string, at: string): Wrong => ({
  what,
  method: 'get',
  path: `/v1/approvals?${text}`,
  status: 422,
  code: 'request.invalid',
  at,
});

/** What the API refuses about approvals. */
export const WRONG_APPROVALS: Wrong[] = [
  ...WRONG_GATES,
  missing('an unknown approval', none, 'get'),
  missing('a decision about nothing', none, 'post', { decision: 'approve' }),
  missing('a decision about an id that is none', '42', 'post', { decision: 'reject' }),
  query('an approval status that does not exist', 'status=open', 'status'),
  query('approvals of a run that is none', 'run=42', 'run'),
  { what: 'a decision that does not exist', ...inApproval, ...invalid({ decision: 'aprove' }, 'decision', 'approve') },
  { what: 'an answer without data', ...inApproval, ...invalid({ decision: 'answer' }, 'data') },
  { what: 'data that answers nothing', ...inApproval, ...invalid({ decision: 'approve', data: 1 }, 'data') },
];
