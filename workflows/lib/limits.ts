import type { RunInput } from '../../contracts/run-workflow.js';

// The same numbers as in the contract, whose values may not enter the bundle; a spec holds them equal.

/** Values above this many bytes of JSON go to the payload table. */
export const CLAIM_CHECK_BYTES = 32 * 1_024;
/** A batch's input stays below this inline, and its output below this for each `BATCH_CALLS` of it. */
export const BATCH_BYTES = 128 * 1_024;
/** Calls of one activity that do not all wait for one another. */
export const BATCH_CALLS = 250;

/** Calls whose answer may decide a rule share an activity with few others. */
export const EARLY_BATCH_CALLS = 10;
/** While fewer activities are in flight, single calls go out alone and no straggler holds up another's successor. */
export const LONE_ACTIVITIES = 50;
/** Activities in flight of one workflow; a worker runs as many. */
export const MAX_ACTIVITIES = 100;
/** Calls in flight of one workflow, and those of one activity when nothing goes on before all of them are over. */
export const MAX_CALLS = 1_000;
/** Commands of one workflow task; a gRPC message ends at 4 MiB. */
export const TASK_BYTES = 3 * 1_048_576;

/** Calls in flight of this run: a definition may say fewer. */
export const mostCalls = ({ with: params }: RunInput): number =>
  ('definition' in params ? params.maxInFlight : undefined) ?? MAX_CALLS;
