import type { ApprovalTerms } from '../../contracts/approvals.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import { answeredCalls, asksSomething } from './answered-calls.js';
import type { GateQuestion } from './approval-gate.js';
import type { Ruling } from './approvals.js';
import { canceledCall } from './call-outcomes.js';
import type { Place } from './expression-context.js';
import { negotiatedCalls } from './negotiated-calls.js';
import type { RunState } from './run-state.js';
import type { SizedCall } from './sized-call.js';

interface Submission {
  calls: SizedCall[];
  together: boolean;
  /** Asks a person about a call of this key. */
  askAt: (key: string, terms: ApprovalTerms, question: GateQuestion) => Promise<Ruling>;
}

/** Sends calls from a place: under its budget, into its history, and again once what their agents ask is answered. */
export async function submitCalls(
  run: RunState,
  place: Place,
  { calls, together, askAt }: Submission,
): Promise<CallResult[][]> {
  const { scope, early, shielded, heartbeatMs, budget } = place;
  const make = (some: SizedCall[]) => submitOnce(run, { calls: some, scope, early, shielded, heartbeatMs, together });
  const answer = (some: SizedCall[], made: CallResult[][]) =>
    answeredCalls(some, made, run.asked, { askAt, send: make });
  if (!budget && !run.history) {
    // Apart: a thousand calls that need nothing else make no promise more than they must.
    const made = await make(calls);
    return made.some(asksSomething) ? answer(calls, made) : made;
  }
  const send = async (some: SizedCall[]): Promise<CallResult[][]> => {
    const made = await make(some);
    const outcomes = made.some(asksSomething) ? await answer(some, made) : made;
    run.history?.addCalls(place.pattern, some, outcomes);
    return outcomes;
  };
  if (!budget) return send(calls);
  if (budget.isNegotiable && !shielded) return negotiatedCalls(budget, scope, calls, send);
  const allowed = shielded || calls.every(({ call: { round } }) => round === undefined || budget.allowsRound(round));
  if (!allowed || scope.reason === 'budget') return calls.map(({ call }) => [canceledCall(call)]);
  budget.use();
  const outcomes = await send(calls);
  budget.learn(outcomes.flat());
  return outcomes;
}

/** A call that followed another and asked something then is not made a second time to hear it. */
function submitOnce(
  { scheduler, asked }: RunState,
  request: Parameters<RunState['scheduler']['submit']>[0],
): Promise<CallResult[][]> {
  const [only] = request.calls;
  const known = asked.size > 0 && request.calls.length === 1 && only ? asked.get(only.call.key) : undefined;
  if (!known) return scheduler.submit(request);
  asked.delete(known.key);
  return Promise.resolve([[known]]);
}
