import { BrikkError } from '../contracts/errors.js';
import { type QuotaRefusal, quotaText } from '../contracts/quotas.js';
import { pause } from './backoff.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import type { Found } from './find-instance.js';
import { whileUnavailable } from './while-unavailable.js';

type Instance = Extract<Found, { kind: 'instance' }>;

/** A longer wait leaves the activity. */
const LONGEST_WAIT_MS = 2_000;
/** Outside of it the call asks again so often, since a quota may be raised. */
const LONGEST_DEFERRAL_MS = 30_000;

/**
 * The instance, when the quota of the organisation covers an attempt at it; no promise where there is no quota. Else its
 * slot is free again, and the call waits for the next window, or fails where that begins after its own end.
 */
export function withinQuota(room: CallRoom, terms: CallTerms, found: Instance, endAt: number): Found | Promise<Found> {
  const taken = room.quotas.take(terms.batch.orgId);
  return taken ? whenTaken(room, terms, { found, endAt }, taken) : found;
}

async function whenTaken(
  room: CallRoom,
  { batch, signal }: CallTerms,
  { found, endAt }: { found: Instance; endAt: number },
  taken: Promise<QuotaRefusal | undefined>,
): Promise<Found> {
  let refusal: QuotaRefusal | undefined;
  let asked: typeof taken | undefined = taken;
  try {
    refusal = await whileUnavailable(signal, async () => {
      const answer = asked ?? room.quotas.take(batch.orgId);
      asked = undefined;
      return answer;
    });
  } catch (error) {
    room.slots.release(found.contender.instanceId);
    throw error;
  }
  if (!refusal) return found;
  room.slots.release(found.contender.instanceId);
  const { waitMs } = refusal;
  if (Date.now() + waitMs >= endAt)
    return { kind: 'failed', error: new BrikkError('agent.rate_limited', quotaText(refusal)) };
  if (waitMs > LONGEST_WAIT_MS) return { kind: 'deferred', afterMs: Math.min(waitMs, LONGEST_DEFERRAL_MS) };
  await pause(waitMs, signal);
  return { kind: 'again' };
}
