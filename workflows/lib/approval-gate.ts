import type { ApprovalGate, ApprovalKind } from '../../contracts/approvals.js';
import type { Value } from '../../contracts/values.js';
import type { Ruling } from './approvals.js';
import { inline } from './values.js';

/** How often a person may have a failed task tried again. */
const MAX_AGAIN = 10;

/** A task as a gate sees it. */
export interface GatedTask<Outcome> {
  input: Value;
  /** `again` is 0 for the first try. */
  perform(input: Value, again: number): Promise<Outcome>;
  /** What it gave; undefined when that is nothing to go on with. */
  outputOf(outcome: Outcome): Value | undefined;
  /** Why it failed; undefined when it did not. */
  failureOf(outcome: Outcome): string | undefined;
}

export interface GateQuestion {
  kind: ApprovalKind;
  subject: Value;
  /** Tells apart questions of one kind at one place; from 1. */
  number?: number;
  /** The question as somebody else has put it. */
  words?: string;
  /** What a question without words of its own is about. */
  failure?: string;
}
type Ask = (question: GateQuestion) => Promise<Ruling>;

/**
 * How a task ended behind its gate: done by itself; answered by a person, after a failure or as the better output;
 * refused, with the output where it was done; or given up while it waited.
 */
export type GateEnd<Outcome> =
  | { kind: 'done'; outcome: Outcome }
  | { kind: 'answered'; output: Value; outcome: Outcome; inItsStead: boolean }
  | { kind: 'refused'; why: string; output?: Value }
  | { kind: 'stopped' };

/** Performs a task where persons decide before it, when it has failed, and about its output. */
export async function throughGate<Outcome>(
  { before, after, onFailure }: ApprovalGate,
  task: GatedTask<Outcome>,
  ask: Ask,
): Promise<GateEnd<Outcome>> {
  let { input } = task;
  if (before) {
    const ruling = await ask({ kind: 'before', subject: input });
    if (ruling.kind === 'answered') input = ruling.data;
    else if (ruling.kind !== 'approved') return without(ruling);
  }
  let outcome = await task.perform(input, 0);
  for (let again = 1; onFailure && again <= MAX_AGAIN; again += 1) {
    const failure = task.failureOf(outcome);
    if (failure === undefined) break;
    const subject: Value = { object: { input, failure: inline(failure) } };
    const ruling = await ask({ kind: 'failure', subject, number: again, failure });
    if (ruling.kind === 'answered') return { kind: 'answered', output: ruling.data, outcome, inItsStead: true };
    if (ruling.kind === 'rejected') return { kind: 'refused', why: `${failure}; ${ruling.why}` };
    if (ruling.kind === 'stopped') return ruling;
    outcome = await task.perform(input, again);
  }
  const output = task.outputOf(outcome);
  if (!after || output === undefined) return { kind: 'done', outcome };
  const ruling = await ask({ kind: 'after', subject: output });
  if (ruling.kind === 'approved') return { kind: 'done', outcome };
  if (ruling.kind === 'answered') return { kind: 'answered', output: ruling.data, outcome, inItsStead: false };
  return ruling.kind === 'rejected' ? { kind: 'refused', why: ruling.why, output } : ruling;
}

function without(ruling: Extract<Ruling, { kind: 'rejected' | 'stopped' }>): GateEnd<never> {
  return ruling.kind === 'rejected' ? { kind: 'refused', why: ruling.why } : ruling;
}
