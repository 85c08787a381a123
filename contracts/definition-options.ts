import type { DurationValue } from './definition-parts.js';
import type { Json } from './json.js';
import type { Needs } from './needs.js';
import type { Priority } from './priority.js';

/** `document.metadata.brikk`. */
export interface DocumentOptions {
  priority?: Priority;
  /** Limits as `with.budget` of a run has them. */
  budget?: { [limit: string]: Json };
  /** Until a run of it ends `timed_out`. */
  deadline?: DurationValue;
  /** From the end of a run of it until it is deleted, with all that is on record of it. */
  retention?: DurationValue;
  /** Calls of agents under way at once. */
  maxInFlight?: number;
  /** Of every call of an agent that says nothing else. */
  needs?: Needs;
}

/** `metadata.brikk` of a task. */
export interface TaskOptions {
  /** A template; the key that travels with the call instead of Brikk's own. */
  idempotencyKey?: string;
  /** For editors alone. */
  ui?: Json;
  /** The output is the whole result of the function, not its `output`. */
  output?: 'result';
  /** How long a worker may be silent before another makes its calls, of this task and those inside it; at least a second. */
  heartbeat?: DurationValue;
  /** What calls of agents lease, in this task and those inside it. */
  needs?: Needs;
  /** Parameters of `agent`: undoes the task when the run ends without an output after it. */
  compensate?: { [field: string]: Json };
}
