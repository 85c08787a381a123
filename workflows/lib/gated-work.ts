import type { ApprovalGate } from '../../contracts/approvals.js';
import type { NestedPattern } from '../../contracts/tasks.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import { type GateQuestion, throughGate } from './approval-gate.js';
import type { CallTask } from './call-shape.js';
import type { CallSpec, PatternContext } from './pattern-context.js';
import { afterRefusal, canceled, completed, failed, isUsable, type PatternResult } from './pattern-result.js';
import { NULL } from './values.js';

/** An offer is no work: what is approved is the award. */
export const isGated = ({ approval, kind }: CallTask): boolean => approval !== undefined && kind !== 'bid';

const WAITED = { queueMs: 0, execMs: 0 };

/** An agent call behind its gate; a refused one is a failed call with code `approval.rejected`. */
export async function gatedCall(ctx: PatternContext, spec: CallSpec): Promise<CallResult> {
  const { task, key } = spec;
  const { outputSchema } = task;
  const place = key === '' ? ctx : ctx.at(key);
  const gate = task.approval as ApprovalGate;
  const end = await throughGate<CallResult>(
    gate,
    {
      input: spec.input,
      perform: (input, again) => ctx.callNow({ ...spec, input, key: again === 0 ? key : againAt(key, again) }),
      outputOf: ({ status, output }) => (status === 'completed' ? (output ?? NULL) : undefined),
      failureOf: ({ status, error }) => (status === 'failed' ? (error?.message ?? 'no reason given') : undefined),
    },
    (question) => place.askPerson(withSchema(gate, question, outputSchema), question),
  );
  switch (end.kind) {
    case 'done':
      return end.outcome;
    case 'answered': {
      if (end.inItsStead) ctx.degrade();
      const { error: _, ...rest } = end.outcome;
      return { ...rest, status: 'completed', output: end.output, ...(end.inItsStead && { degraded: true }) };
    }
    case 'refused':
      return { key, status: 'failed', error: refusal(end.why), ...WAITED, ...(end.output && { refused: end.output }) };
    case 'stopped':
      return { key, status: 'canceled', ...WAITED };
  }
}

/** A nested pattern behind its gate. */
export async function gatedPattern(ctx: PatternContext, task: NestedPattern, input: Value): Promise<PatternResult> {
  const gate = task.approval as ApprovalGate;
  const { outputSchema } = task.with as { outputSchema?: ApprovalGate['schema'] };
  const end = await throughGate<PatternResult>(
    gate,
    {
      input,
      perform: (given, again) => (again === 0 ? ctx : ctx.at('approved', again)).runNow(task, given),
      outputOf: (result) => (isUsable(result) ? result.output : undefined),
      failureOf: ({ status, error, terminationReason }) =>
        status === 'failed' ? (error?.message ?? terminationReason) : undefined,
    },
    (question) => ctx.askPerson(withSchema(gate, question, outputSchema), question),
  );
  switch (end.kind) {
    case 'done':
      return end.outcome;
    case 'answered': {
      if (end.inItsStead) ctx.degrade();
      const { warnings, rounds, degraded } = end.outcome;
      return { ...completed(end.output), warnings, rounds, degraded: degraded || end.inItsStead };
    }
    case 'refused': {
      const { code, message } = refusal(end.why);
      const error = { code, message, path: ctx.where };
      return { ...afterRefusal(failed('rejected', NULL, error)), refused: end.output };
    }
    case 'stopped':
      return canceled(NULL);
  }
}

const againAt = (key: string, again: number): string => (key === '' ? `approved/${again}` : `${key}/approved/${again}`);

/** An answer that becomes the output must fit what the output must fit. */
function withSchema(gate: ApprovalGate, { kind }: GateQuestion, outputSchema: ApprovalGate['schema']): ApprovalGate {
  return kind === 'before' || gate.schema !== undefined ? gate : { ...gate, schema: outputSchema };
}

const refusal = (why: string) => ({ code: 'approval.rejected', message: why, retryable: false });
