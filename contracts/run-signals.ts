import type { ApprovalVerdict } from './approval-activities.js';
import type { NumberedEvent } from './event-bus.js';
import type { Json } from './json.js';

/** What somebody tells a run; a delivery that comes twice has the same `id`. */
export interface RunSignal {
  id?: string;
  name: string;
  data: Json;
}

/** An answer that was waited for is in Postgres. A notice may come twice, or when nobody waits any longer. */
export interface LaterAnswerNotice {
  /** Of the call. */
  key: string;
}

/** Signals of a run's workflow; cancel is Temporal's own. */
export type RunSignals = {
  pause: [];
  resume: [];
  signal: [RunSignal];
  /** From the bus; a repeated delivery has the same numbers. */
  events: [NumberedEvent[]];
  approval: [ApprovalVerdict];
  answer: [LaterAnswerNotice];
};
