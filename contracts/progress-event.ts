import type { ToldProgress } from './agent-progress.js';
import type { NewRunEvent } from './events.js';

const GAP_MS = 1_000;
/** Gaps grow with the work, so that a day of it has hundreds of events rather than tens of thousands. */
const GAP_SHARE = 0.02;

/** How long nothing is told after an event, when the work has taken so long already. */
export const gapAfter = (elapsedMs: number): number => Math.max(GAP_MS, elapsedMs * GAP_SHARE);

interface Told {
  callKey: string;
  path: string;
  agent: string;
  agentId: string;
  instanceId: string;
  attempt: number;
}

/** What an agent said; `sentAt` tells apart what a repeat of the attempt hears, `number` counts within it. */
export const progressEvent = (
  of: Told,
  { sentAt, number }: { sentAt: number; number: number },
  told: ToldProgress,
): NewRunEvent => ({
  key: `${of.callKey}/progress/${of.instanceId}/${sentAt}/${number}`,
  type: 'call.progress',
  data: { ...of, ...told },
});
