import type { RunEnd, RunError, TerminalStatus, TerminationReason } from '../../contracts/runs.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import { reasonOf } from './call-outcomes.js';
import { NULL } from './values.js';

/** How a pattern ended, the run's own or one inside another. `output` is the best so far when it did not complete. */
export interface PatternResult extends RunEnd {
  output: Value;
  /** What the agent said of its own answer, for votes that weigh. */
  confidence?: number;
  /** How long the agent's answer took; absent when several calls made it. */
  callMs?: number;
  /** Of the one call that made it, US dollars, as far as known. */
  costUsd?: number;
  /** The output of work that was done, and refused by a person: it is no output, but may have to be undone. */
  refused?: Value;
}

export function result(status: TerminalStatus, terminationReason: TerminationReason, output: Value): PatternResult {
  return { status, terminationReason, output, degraded: false, rounds: 0, warnings: [] };
}

export const completed = (output: Value): PatternResult => result('completed', 'done', output);

export function failed(reason: TerminationReason, output: Value, error?: RunError): PatternResult {
  return { ...result('failed', reason, output), error };
}

export const canceled = (output: Value): PatternResult => result('canceled', 'canceled', output);

/** One finished call as the result of the task it did. */
export function fromCall(call: CallResult, path: string): PatternResult {
  const callMs = call.queueMs + call.execMs;
  if (call.status === 'completed') {
    const { output = NULL, confidence, costUsd, degraded = false } = call;
    const cost = costUsd === undefined ? {} : { costUsd };
    // Written out: V8 adds properties to a copy one by one, which a thousand calls feel.
    return {
      status: 'completed',
      terminationReason: 'done',
      output,
      degraded,
      rounds: 0,
      warnings: [],
      confidence,
      callMs,
      ...cost,
    };
  }
  if (call.status === 'canceled') return canceled(NULL);
  const error = call.error && { code: call.error.code, message: call.error.message, path };
  const status = call.error?.code === 'agent.budget' ? 'budget_exceeded' : 'failed';
  return afterRefusal({ ...failed(reasonOf(call.error), NULL, error), status, callMs, refused: call.refused });
}

/** What failed because a person refused was rejected. */
export function afterRefusal(end: PatternResult): PatternResult {
  if (end.status !== 'failed' || end.error?.code !== 'approval.rejected') return end;
  return { ...end, status: 'rejected', terminationReason: 'rejected' };
}

/** Whether work that needs the output can go on. */
export const isUsable = ({ status }: PatternResult): boolean => status === 'completed' || status === 'partial';

/** A person's no ends what a failure would let go on. */
export const isRefused = ({ status }: PatternResult): boolean => status === 'rejected';
