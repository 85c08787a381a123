import { Context } from '@temporalio/activity';
import type { WaitingCall } from '../contracts/later-answers.js';
import type { CallBatch, CallOutcome, FinishedCall } from '../contracts/run-workflow.js';
import { announce } from './announce.js';
import { callResult } from './call-result.js';
import type { CallRoom } from './call-terms.js';
import { callInTurn } from './calls-in-turn.js';
import { fitBatch } from './claim-check.js';
import { shareSignal } from './shared-signal.js';
import { unpackCalls } from './unpack-calls.js';

/** Makes the calls of a batch beside one another, each journaled before the batch reports. */
export async function callAgents(
  room: CallRoom,
  { terms, calls: packed, events, ...batch }: CallBatch,
): Promise<CallOutcome[]> {
  const calls = unpackCalls({ terms, calls: packed });
  const context = Context.current();
  const signal = context.cancellationSignal;
  const signals = shareSignal(signal);
  try {
    const recorded = announce(room, { batch, signal }, events);
    const keys = calls.flatMap(({ key, following = [] }) => [key, ...following.map((next) => next.key)]);
    const repeats = context.info.attempt > 1 || batch.resumed;
    const preparing = room.callbacks?.prepare(batch.orgId);
    if (preparing) await preparing;
    const known = repeats
      ? await room.journal.outcomes(batch.orgId, batch.runId, keys)
      : new Map<string, FinishedCall>();
    const mayBePending = repeats || calls.some(({ pending }) => pending);
    const waiting = mayBePending ? await room.pending.find(batch, keys) : new Map<string, WaitingCall>();
    const cancelRequested = () => context.cancellationDetails?.cancelRequested === true;
    const company = terms.some(({ needs }) => needs) ? { working: calls.length } : undefined;
    const settled = await Promise.allSettled(
      calls.map((call) => {
        const made = callInTurn(
          room,
          { batch, call, signal: signals.next(), cancelRequested, company },
          { recorded, known, waiting },
        );
        return company ? made.finally(() => (company.working -= 1)) : made;
      }),
    );
    await recorded;
    // The others are journaled by now, so a repeat of the batch asks for the failed one alone.
    const outcomes = settled.flatMap((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
    return await fitBatch(
      room.payloads,
      batch,
      outcomes.map((outcome) => ('status' in outcome ? callResult(outcome) : outcome)),
    );
  } finally {
    signals.release();
  }
}
