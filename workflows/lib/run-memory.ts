import { proxyLocalActivities } from '@temporalio/workflow';
import type { MemoryAddress, MemoryHit, MemoryScope } from '../../contracts/memory.js';
import type {
  MemoryActivities,
  MemoryOutcome,
  Recalled,
  RecallRequest,
  RememberedValue,
} from '../../contracts/memory-activities.js';
import type { RunRef, Value } from '../../contracts/values.js';
import { LARGE_VALUE } from './activity-options.js';

/** Where parameters say an entry is; a run's own memory and the organisation's need no `scopeId`. */
export interface MemoryRef {
  scope: MemoryScope;
  scopeId?: string;
  key: string;
}

/**
 * Shared memory at a place of the run. `operation` names a write among those of its place: however often it is repeated
 * after a crash, it happens once.
 */
export class RunMemory {
  constructor(
    readonly run: RunRef,
    private readonly path: string,
  ) {}

  /** Null when there is none. */
  get(ref: MemoryRef): Promise<RememberedValue | null> {
    return this.activities.memoryGet({ ...this.who, ...this.addressOf(ref) });
  }

  put(
    ref: MemoryRef,
    operation: string,
    value: Value,
    terms: { ifVersion?: number; ttlMs?: number } = {},
  ): Promise<MemoryOutcome> {
    return this.activities.memoryPut({ ...this.write(ref, operation), value, ...terms });
  }

  append(
    ref: MemoryRef,
    operation: string,
    item: Value,
    terms: { maxItems?: number; ttlMs?: number } = {},
  ): Promise<MemoryOutcome> {
    return this.activities.memoryAppend({ ...this.write(ref, operation), item, ...terms });
  }

  /** The best first; of all scopes unless `of` names one. */
  search(
    query: string,
    limit: number,
    { scope, scopeId, prefix }: Partial<Omit<MemoryRef, 'key'>> & { prefix?: string } = {},
  ): Promise<MemoryHit[]> {
    const { key: _key, ...place } = scope ? this.addressOf({ scope, scopeId, key: '' }) : { key: '' };
    const under = prefix === undefined ? {} : { prefix };
    return this.activities.memorySearch({ ...this.who, query, limit, ...named(place), ...under });
  }

  /** The first entries that fit, for a call that is told of them; calls that ask for the same together read once. */
  recall({ scope, scopeId, ...request }: RecallRequest): Promise<Recalled> {
    const { key: _key, ...place } = scope ? this.addressOf({ scope, scopeId, key: '' }) : { key: '' };
    return this.activities.memoryRecall({ ...this.who, ...place, ...request });
  }

  /** What earlier runs have planned for the goals most similar to this one: a list of `PastPlan`. */
  similarPlans(goal: string, limit: number): Promise<Value> {
    return this.activities.findSimilarPlans({ ...this.who, goal, limit });
  }

  private write(ref: MemoryRef, operation: string) {
    return { ...this.who, ...this.addressOf(ref), operation: `${this.path}/${operation}` };
  }

  private addressOf({ scope, scopeId, key }: MemoryRef): MemoryAddress {
    return { scope, scopeId: scopeId ?? (scope === 'run' ? this.run.runId : ''), key };
  }

  private get who(): RunRef {
    const { orgId, runId } = this.run;
    return { orgId, runId };
  }

  private get activities(): MemoryActivities {
    return proxyLocalActivities<MemoryActivities>(LARGE_VALUE);
  }
}

/** The organisation has no name of its own. */
const named = ({ scope, scopeId }: Partial<MemoryAddress>) =>
  scope === undefined ? {} : { scope, ...(scopeId ? { scopeId } : {}) };
