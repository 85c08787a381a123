import type { ApprovalVerdict } from './approval-activities.js';
import type { Json } from './json.js';

/** What somebody tells a run; a delivery that comes twice has the same `id`. */
export interface RunSignal {
  id?: string;
  name: string;
  data: Json;
}

/** Signals of a run's workflow; cancel is Temporal's own. */
export type RunSignals = {
  pause: [];
  resume: [];
  signal: [RunSignal];
  approval: [ApprovalVerdict];
};
