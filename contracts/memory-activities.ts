import type { MemoryAddress, MemoryHit, MemoryPlace } from './memory.js';
import type { RunRef, Value } from './values.js';

/** An entry as a workflow carries it. */
export interface RememberedValue {
  value: Value;
  version: number;
}

/** What became of a write. A refusal is an outcome that a pattern decides on, not an exception. */
export type MemoryOutcome =
  | { written: true; version: number }
  | { written: false; reason: 'conflict' | 'too_large' | 'not_a_list' | 'no_such_run'; message: string };

/** Entries for a call, with all names made: by keys, by a prefix of them, or by words. */
export interface RecallRequest extends Partial<MemoryPlace> {
  keys?: string[];
  prefix?: string;
  query?: string;
  limit: number;
  /** Of all that is told, as JSON. */
  maxBytes: number;
  /** Of what does not fit, for whoever makes a summary of it. */
  maxLeftBytes: number;
}

/** A list of `{scope, scopeId?, key, version, value}`, in the order asked for. */
export interface Recalled {
  kept: Value;
  /** What did not fit, as far as it was asked for. */
  left?: Value;
  /** `key@version` of each that is told. */
  names: string[];
  /** All that did not fit. */
  omitted: number;
}

/** `operation` names the write within its run: a repeat changes nothing and gives the first outcome. */
type Write = RunRef & MemoryAddress & { operation: string; ttlMs?: number };

/** The catalogue calls of shared memory, local activities. */
export interface MemoryActivities {
  /** Null when there is none. */
  memoryGet(request: RunRef & MemoryAddress): Promise<RememberedValue | null>;
  /** `ifVersion`: compare-and-set, 0 for none. */
  memoryPut(request: Write & { value: Value; ifVersion?: number }): Promise<MemoryOutcome>;
  memoryAppend(request: Write & { item: Value; maxItems?: number }): Promise<MemoryOutcome>;
  /** The best first; in all scopes unless one is named. */
  memorySearch(
    request: RunRef &
      Partial<Pick<MemoryAddress, 'scope' | 'scopeId'>> & { query: string; prefix?: string; limit: number },
  ): Promise<MemoryHit[]>;
  /** The first entries that fit, with their values. */
  memoryRecall(request: RunRef & RecallRequest): Promise<Recalled>;
  /** Plans of earlier runs whose goals are the most similar to `goal`, at most `limit`: a list of `PastPlan`. */
  findSimilarPlans(request: RunRef & { goal: string; limit: number }): Promise<Value>;
}
