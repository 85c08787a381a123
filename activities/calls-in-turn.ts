import { BrikkError } from '../contracts/errors.js';
import type { AgentCall, DeferredCall, FinishedCall, FollowingCall } from '../contracts/run-workflow.js';
import type { PendingCall, WaitingCall } from '../contracts/later-answers.js';
import type { Value } from '../contracts/values.js';
import { AgentCallRun } from './agent-call.js';
import { announce } from './announce.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import { ConsolidatedCall } from './consolidated-call.js';
import { evaluate } from './evaluate.js';
import { LeasedCall } from './leased-call.js';

type Outcome = FinishedCall | DeferredCall | PendingCall;
/** What an earlier try of the same calls came to, by their keys. */
interface Known {
  known: Map<string, FinishedCall>;
  waiting: Map<string, WaitingCall>;
}

/**
 * A call and those that follow it, each made when the one before it is completed and in the journal. It ends early where
 * the workflow has to decide: behind a call that is not completed, while the run is held, behind what an earlier try did
 * (the run may have been held since), before an input that cannot be made, behind a call that is answered later, and
 * before one that would have to wait for a free agent.
 */
export async function callInTurn(
  room: CallRoom,
  terms: CallTerms,
  { recorded, known, waiting }: Known & { recorded: Promise<void> },
): Promise<Outcome[]> {
  const { batch, call: first, signal, cancelRequested, company } = terms;
  const outcomes: Outcome[] = [];
  const following = [...(first.following ?? [])];
  let call: AgentCall = first;
  let begun = recorded;
  for (;;) {
    const finished = known.get(call.key);
    const own = { batch, call, signal, cancelRequested, company };
    const run = finished ? undefined : runOf(roomOf(room, call), own, waiting.get(call.key));
    const outcome = finished ?? (await run!.run(begun));
    if ('deferred' in outcome && outcomes.length > 0) return outcomes;
    outcomes.push(outcome);
    const next = following.shift();
    const goesOn = 'status' in outcome && outcome.status === 'completed' && !cancelRequested();
    if (!next || !goesOn || !(run ? !run.isHeld : known.has(next.key))) return outcomes;
    const input = await inputOf(room, batch.orgId, next, outcome.output ?? { inline: null });
    if (input === undefined) return outcomes;
    begun = announce(room, terms, known.has(next.key) ? [] : next.events);
    call = { ...next, input };
  }
}

/** A call that says how long it waits for agents out of reach is heard. */
const roomOf = (room: CallRoom, { patienceMs }: AgentCall): CallRoom =>
  patienceMs === undefined ? room : { ...room, unreachablePatienceMs: patienceMs };

function runOf(room: CallRoom, terms: CallTerms, waiting?: WaitingCall): Pick<AgentCallRun, 'run' | 'isHeld'> {
  const { distribution } = terms.call;
  return distribution?.policy === 'consolidated'
    ? new ConsolidatedCall(room, terms, distribution.windowMs, () => loneRunOf(room, terms, waiting))
    : loneRunOf(room, terms, waiting);
}

const loneRunOf = (room: CallRoom, terms: CallTerms, waiting?: WaitingCall): Pick<AgentCallRun, 'run' | 'isHeld'> =>
  terms.call.needs ? new LeasedCall(room, terms, terms.call.needs, waiting) : new AgentCallRun(room, terms, waiting);

/** Undefined when the expression fails: the workflow finds out in its own words. */
async function inputOf(
  { payloads }: CallRoom,
  orgId: string,
  { input }: FollowingCall,
  before: Value,
): Promise<Value | undefined> {
  if (!('variables' in input)) return input;
  const { program, variables } = input;
  if (program === undefined) return before;
  try {
    return { inline: await evaluate(payloads, orgId, { program, input: before, variables }) };
  } catch (error) {
    if (error instanceof BrikkError && error.code.startsWith('expression.')) return undefined;
    throw error;
  }
}
