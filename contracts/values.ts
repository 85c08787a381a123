import type { Json } from './json.js';

/** Values above this many bytes of JSON go to the payload table, and a reference travels instead (claim check). */
export const CLAIM_CHECK_BYTES = 32 * 1_024;

/**
 * A value as a workflow carries it: itself when small, a reference to the payload table (or one element of a stored
 * list) when large, or composed of such values. `materialise` in the database room turns it back into JSON.
 */
export type Value =
  | { inline: Json }
  | { ref: string; bytes: number; index?: number; length?: number }
  | { list: Value[] }
  | { object: Record<string, Value> };

/** Names a run. */
export interface RunRef {
  orgId: string;
  runId: string;
}
