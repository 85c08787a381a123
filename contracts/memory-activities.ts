import type { MemoryAddress, MemoryHit } from './memory.js';
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
  /** Plans of earlier runs whose goals are the most similar to `goal`, at most `limit`: a list of `PastPlan`. */
  findSimilarPlans(request: RunRef & { goal: string; limit: number }): Promise<Value>;
}
