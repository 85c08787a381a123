import { setMaxListeners } from 'node:events';
import { Context } from '@temporalio/activity';
import type {
  AgentActivities,
  AgentCall,
  CallBatch,
  CallOutcome,
  DeferredCall,
  FinishedCall,
} from '../contracts/run-workflow.js';
import { AgentCallRun } from './agent-call.js';
import type { AgentConnector } from './attempt.js';
import type { CallRoom } from './call-terms.js';
import { CallStats } from './call-stats.js';
import { CandidateDirectory } from './candidate-directory.js';
import { fitBatch } from './claim-check.js';
import type { ActivityLog, AgentRegistry, CallJournal, Payloads, RunEvents } from './dependencies.js';
import { InstanceBreakers } from './instance-breakers.js';
import { InstanceSlots } from './instance-slots.js';
import { namingFailures } from './naming-failures.js';
import { unpackCalls } from './unpack-calls.js';
import { whileUnavailable } from './while-unavailable.js';

export interface AgentActivityOptions {
  registry: AgentRegistry;
  journal: CallJournal;
  events: RunEvents;
  payloads: Payloads;
  connector: AgentConnector;
  log: ActivityLog;
  random?: () => number;
  unreachablePatienceMs?: number;
}

const BEAT_MS = 250;
const EVENTS_WAIT_MS = 25;
/** Longer than a heartbeat of an agent, so that it can register again after an outage in which its lease ended. */
const UNREACHABLE_PATIENCE_MS = 20_000;

/** The agent activities of one worker, and `close`, which writes the statistics that are still in hand. */
export function createAgentActivities(options: AgentActivityOptions): AgentActivities & { close: () => Promise<void> } {
  const { registry, log } = options;
  const slots = new InstanceSlots();
  const random = options.random ?? Math.random;
  const room: CallRoom = {
    ...options,
    slots,
    directory: new CandidateDirectory(registry, slots, random),
    breakers: new InstanceBreakers(registry, log),
    stats: new CallStats(registry, log),
    random,
    unreachablePatienceMs: options.unreachablePatienceMs ?? UNREACHABLE_PATIENCE_MS,
  };
  const activities = namingFailures<AgentActivities>({ callAgents: (batch) => callAgents(room, batch) });
  return { ...activities, close: () => room.stats.flush() };
}

async function callAgents(room: CallRoom, { terms, calls: packed, events, ...batch }: CallBatch) {
  const calls = unpackCalls({ terms, calls: packed });
  const context = Context.current();
  const signal = context.cancellationSignal;
  setMaxListeners(0, signal); // Every call of the batch listens, and takes its listener away when it ends.
  const beat = setInterval(() => context.heartbeat(), BEAT_MS);
  try {
    // Written beside the calls, in the commit of the first one that finishes soon: one commit less in each step.
    const recorded =
      events.length > 0
        ? whileUnavailable(signal, () => room.events.append(batch.orgId, batch.runId, events, EVENTS_WAIT_MS))
        : Promise.resolve();
    recorded.catch(() => undefined); // Reported by each call, and below.
    const keys = calls.map(({ key }) => key);
    const repeats = context.info.attempt > 1 || batch.resumed;
    const known = repeats
      ? await room.journal.outcomes(batch.orgId, batch.runId, keys)
      : new Map<string, FinishedCall>();
    const cancelRequested = () => context.cancellationDetails?.cancelRequested === true;
    const settled = await Promise.allSettled(
      calls.map(
        async (call) =>
          known.get(call.key) ??
          new AgentCallRun(roomOf(room, call), { batch, call, signal, cancelRequested }).run(recorded),
      ),
    );
    await recorded;
    // The others are journaled by now, so a repeat of the batch asks for the failed one alone.
    const outcomes = settled.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
    return await fitBatch(room.payloads, batch, outcomes.map(resultOf));
  } finally {
    clearInterval(beat);
  }
}

/** The same room; a call that says how long it waits for agents out of reach is heard. */
const roomOf = (room: CallRoom, { patienceMs }: AgentCall): CallRoom =>
  patienceMs === undefined ? room : { ...room, unreachablePatienceMs: patienceMs };

/** What the run decides by: the rest is in the journal. */
function resultOf(outcome: FinishedCall | DeferredCall): CallOutcome {
  if ('deferred' in outcome) return outcome;
  const { key, status, output, error, confidence, usage, queueMs, execMs } = outcome;
  return {
    key,
    status,
    ...(output && { output }),
    ...(error && { error }),
    ...(confidence !== undefined && { confidence }),
    ...(usage.costUsd !== undefined && { costUsd: usage.costUsd }),
    queueMs,
    execMs,
  };
}
