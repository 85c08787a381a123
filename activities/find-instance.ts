import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { LoggedChoice } from '../contracts/selection.js';
import { rendezvous } from '../selection/rendezvous.js';
import type { Wait } from '../selection/shortlist.js';
import { pause } from './backoff.js';
import { nobodyFree } from './call-failures.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import type { Contender, Contenders } from './candidate-directory.js';
import { stickyKeyOf } from './sticky-key.js';

/** A longer wait leaves the activity: the workflow asks again. */
const LONGEST_WAIT_MS = 2_000;
const DEFER_MS = 250;

/** For a call that has nobody left to ask but those who are passed over. */
const NOBODY: CallRoom['ejections'] = { among: () => undefined };

export type Found =
  /** Its slot is taken for the caller. */
  | { kind: 'instance'; contender: Contender }
  | { kind: 'deferred'; afterMs: number }
  /** Something changed while waiting: look again. */
  | { kind: 'again' }
  /** Nobody can be chosen as the call wants it. */
  | { kind: 'failed'; error: BrikkError }
  /** Every instance that can be reached has been tried in this round. */
  | { kind: 'all-tried' }
  | { kind: 'nobody' };

export interface Search {
  contenders: Contenders;
  counter: number;
  /** Instances of this round. */
  tried: Set<string>;
  /** Agents that do not want the task. */
  refusedBy: Set<string>;
  startedAt: number;
  endAt: number;
  /** How the instance was chosen, where that was learned. */
  choice?: LoggedChoice;
  /** Of the call; who is asked may go by it. */
  input: Json;
  /** It has waited for a faster instance, and takes what is free. */
  isImpatient?: boolean;
}

/**
 * The best instance with a free slot; waits for one, fair by run, when all are taken. No promise where nobody waits:
 * each costs, and a thousand calls at once come by here.
 */
export function findInstance(room: CallRoom, terms: CallTerms, search: Search): Found | Promise<Found> {
  const { contenders, tried, refusedBy } = search;
  const { breakers, slots } = room;
  const reachableNow = ({ candidate }: Contender) => !refusedBy.has(candidate.agentId) && !breakers.isOpen(candidate);
  const eligible = (contender: Contender) =>
    !tried.has(contender.instanceId) && reachableNow(contender) && breakers.heldOffMs(contender.instanceId) === 0;

  const ejected = room.ejections.among(contenders.all);
  const willing = ejected
    ? (contender: Contender) => !ejected.has(contender.instanceId) && eligible(contender)
    : eligible;
  const free = (contender: Contender) => contender.hasFreeSlot && willing(contender);
  const { select, region, distribution } = terms.call;
  const mayNotWait = distribution?.policy === 'immediate';
  const near = region === undefined ? undefined : contenders.within(region);
  const from = near?.all.some(free) ? near : contenders;
  const best = chooseFrom(from, terms, search, free);
  if (best instanceof BrikkError) return { kind: 'failed', error: best };
  if (best) {
    const place = contenders.queue.length + 1;
    const wait =
      search.isImpatient || mayNotWait ? undefined : from.by(select).worthWaiting(best, place, { free, willing });
    if (wait) return waitForFaster(room, terms, search, wait);
    slots.take(best.instanceId);
    return admit(room, terms, best, search);
  }

  const reachable = contenders.all.filter(reachableNow);
  if (reachable.length === 0) return { kind: 'nobody' };
  const fresh = reachable.filter(({ instanceId }) => !tried.has(instanceId));
  if (fresh.length === 0) return { kind: 'all-tried' };
  const able = fresh.filter(eligible);
  const busy = ejected ? able.filter(willing) : able;
  if (busy.length === 0 && able.length > 0) return findInstance({ ...room, ejections: NOBODY }, terms, search);
  if (mayNotWait) return { kind: 'failed', error: nobodyFree(terms.call.target) };
  return busy.length > 0 ? waitForSlot(room, terms, search, busy) : waitForLeave(room, terms, search, fresh);
}

function chooseFrom(
  from: Contenders,
  { call, batch }: CallTerms,
  search: Search,
  free: (contender: Contender) => boolean,
): Contender | BrikkError | undefined {
  if (call.select === 'learned' && from.learned) return pickLearned(from.learned, search, free);
  if (call.select !== 'sticky') return from.by(call.select).choose(search.counter, free);
  const key = stickyKeyOf(call.stickyKey, search.input, batch.runId);
  return key instanceof BrikkError ? key : rendezvous(from.all, key, free);
}

function pickLearned(
  learned: NonNullable<Contenders['learned']>,
  search: Search,
  free: (contender: Contender) => boolean,
): Contender | undefined {
  const picked = learned.pick(free);
  if (picked) search.choice = picked.choice;
  return picked?.candidate;
}

/** Nobody else had a free slot. */
function onlyChoice({ candidate: { agentId } }: Contender): LoggedChoice {
  return { propensities: { [agentId]: 1 }, agentId, baseAgentId: agentId };
}

/** An instance beside those that are at work on the call, when one is free and in good health; its slot is taken. */
export function findAnother(
  room: CallRoom,
  terms: CallTerms,
  search: Search,
  besides: ReadonlySet<string>,
): Contender | undefined {
  const { breakers, slots } = room;
  const { contenders, tried, refusedBy, counter } = search;
  const another = contenders.by(terms.call.select).choose(counter, ({ instanceId, candidate, hasFreeSlot }) => {
    const isWilling = !tried.has(instanceId) && !refusedBy.has(candidate.agentId);
    const isWell = !breakers.isOpen(candidate) && candidate.breaker === 'closed';
    return !besides.has(instanceId) && hasFreeSlot && isWilling && isWell && breakers.heldOffMs(instanceId) === 0;
  });
  if (another) slots.take(another.instanceId);
  return another;
}

/** All of them asked to wait: the shortest wish is honoured. */
async function waitForLeave(
  room: CallRoom,
  { signal }: CallTerms,
  { endAt }: Search,
  fresh: Contender[],
): Promise<Found> {
  const waitMs = Math.min(...fresh.map(({ instanceId }) => room.breakers.heldOffMs(instanceId)));
  if (waitMs > LONGEST_WAIT_MS) return { kind: 'deferred', afterMs: waitMs };
  await pause(Math.min(waitMs, endAt - Date.now()), signal);
  return { kind: 'again' };
}

/** The slot of a busy instance that comes free in time; else the best that is free then. */
async function waitForFaster(room: CallRoom, terms: CallTerms, search: Search, wait: Wait<Contender>): Promise<Found> {
  const contender = await waitAmong(room, terms, search, wait);
  if (contender) return admit(room, terms, contender, search);
  if (terms.signal.aborted || Date.now() >= search.endAt) return { kind: 'again' };
  return findInstance(room, terms, { ...search, isImpatient: true });
}

async function waitAmong(
  { slots }: CallRoom,
  { batch, signal }: CallTerms,
  { contenders: { queue }, endAt }: Search,
  { wanted, waitMs }: Wait<Contender>,
): Promise<Contender | undefined> {
  const byId = new Map(wanted.map((contender) => [contender.instanceId, contender]));
  queue.length += 1;
  const given = await slots
    .wait(batch, (id) => byId.has(id), Math.min(waitMs, endAt - Date.now()), signal)
    .finally(() => (queue.length -= 1));
  return given === undefined ? undefined : byId.get(given);
}

async function waitForSlot(room: CallRoom, terms: CallTerms, search: Search, busy: Contender[]): Promise<Found> {
  const now = Date.now();
  const leftMs = Math.min(search.startedAt + LONGEST_WAIT_MS, search.endAt) - now;
  if (leftMs <= 0) return { kind: 'deferred', afterMs: Math.round(DEFER_MS * (1 + room.random())) };
  const contender = await waitAmong(room, terms, search, { wanted: busy, waitMs: leftMs });
  if (!contender) return { kind: 'again' };
  if (terms.call.select === 'learned' && search.contenders.learned) search.choice = onlyChoice(contender);
  return admit(room, terms, contender, search);
}

function admit(room: CallRoom, terms: CallTerms, contender: Contender, search: Search): Found | Promise<Found> {
  return contender.candidate.breaker === 'half-open'
    ? tryOut(room, terms, contender, search)
    : { kind: 'instance', contender };
}

/** An instance whose breaker is half open takes one trial call of all workers' calls. */
async function tryOut(room: CallRoom, terms: CallTerms, contender: Contender, search: Search): Promise<Found> {
  const { candidate, instanceId } = contender;
  const attemptMs = Math.min(terms.call.timeout.attemptMs, Math.max(1, search.endAt - Date.now()));
  const won = await room.breakers.winTrial(terms.batch.orgId, candidate, attemptMs).catch((error: unknown) => {
    room.slots.release(instanceId);
    throw error;
  });
  if (won) return { kind: 'instance', contender };
  room.slots.release(instanceId);
  search.tried.add(instanceId);
  return { kind: 'again' };
}
