import type { DurationValue } from './definition-parts.js';
import type { Json } from './json.js';
import type { Priority } from './runs.js';

/** `document.metadata.brikk`. */
export interface DocumentOptions {
  priority?: Priority;
  /** How long a finished run stays. */
  retention?: DurationValue;
  /** Limits as `with.budget` of a run has them. */
  budget?: { [limit: string]: Json };
  /** Until a run of it ends `timed_out`. */
  deadline?: DurationValue;
  /** Calls under way at once. */
  maxInFlight?: number;
  /** Resources to lease for the run. */
  needs?: string[];
}

/** `metadata.brikk` of a task. */
export interface TaskOptions {
  /** Resources to lease for the task. */
  needs?: string[];
  /** A template; the key that travels with the call instead of Brikk's own. */
  idempotencyKey?: string;
  /** Longest silence of a long call. */
  heartbeat?: DurationValue;
  /** What undoes the task: fields of an agent call. */
  compensate?: { [field: string]: Json };
  /** For editors alone. */
  ui?: Json;
  /** The output is the whole result of the function, not its `output`. */
  output?: 'result';
}
