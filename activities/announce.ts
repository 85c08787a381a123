import type { NewRunEvent } from '../contracts/events.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import { whileUnavailable } from './while-unavailable.js';

/** How long what led to a call waits for its end, which soon shares the commit: one commit less in each step. */
const COMPANY_MS = 25;

/** Writes what led to calls, beside them; a failure is reported by the calls, which are not over before it is durable. */
export function announce(
  room: CallRoom,
  { batch, signal }: Pick<CallTerms, 'batch' | 'signal'>,
  events: NewRunEvent[],
): Promise<void> {
  if (events.length === 0) return Promise.resolve();
  const written = whileUnavailable(signal, () => room.events.append(batch.orgId, batch.runId, events, COMPANY_MS));
  written.catch(() => undefined);
  return written;
}
