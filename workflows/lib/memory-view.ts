import type { MemoryConsistency } from '../../contracts/memory-tasks.js';
import type { MemoryOutcome, RememberedValue } from '../../contracts/memory-activities.js';
import type { Value } from '../../contracts/values.js';
import type { MemoryRef, RunMemory } from './run-memory.js';
import { NULL } from './values.js';

/** An entry as it was seen; version 0: there was none. */
export interface Seen extends RememberedValue {
  /** Milliseconds since the epoch. */
  at: number;
}
export type SeenEntries = Map<string, Seen>;

const OLD_ENOUGH_MS = 5_000;

/** Shared memory as the steps of one pattern see it: what they read before is known here. */
export class MemoryView {
  constructor(
    private readonly memory: RunMemory,
    private readonly seen: SeenEntries,
  ) {}

  async get(ref: MemoryRef, consistency: MemoryConsistency): Promise<RememberedValue> {
    const known = this.seen.get(nameOf(ref));
    const isFresh = known !== undefined && Date.now() - known.at < OLD_ENOUGH_MS;
    if (known && (consistency === 'snapshot' || (consistency === 'eventual' && isFresh))) return known;
    const found = (await this.memory.get(ref)) ?? { value: NULL, version: 0 };
    this.see(ref, found);
    return found;
  }

  /** Unless `eventual`, compared with what was read here before, or with `ifVersion`. */
  async put(
    ref: MemoryRef,
    operation: string,
    value: Value,
    { consistency, ...terms }: { consistency: MemoryConsistency; ifVersion?: number; ttlMs?: number },
  ): Promise<MemoryOutcome> {
    const expected = terms.ifVersion ?? (consistency === 'eventual' ? undefined : this.seen.get(nameOf(ref))?.version);
    const compared = expected === undefined ? terms : { ...terms, ifVersion: expected };
    const outcome = await this.memory.put(ref, operation, value, compared);
    if (outcome.written) this.see(ref, { value, version: outcome.version });
    return outcome;
  }

  async append(
    ref: MemoryRef,
    operation: string,
    item: Value,
    terms: { maxItems?: number; ttlMs?: number },
  ): Promise<MemoryOutcome> {
    this.seen.delete(nameOf(ref));
    return this.memory.append(ref, operation, item, terms);
  }

  /** What stands there now, whatever was read before. */
  fresh(ref: MemoryRef): Promise<RememberedValue> {
    this.seen.delete(nameOf(ref));
    return this.get(ref, 'strong');
  }

  private see(ref: MemoryRef, { value, version }: RememberedValue): void {
    this.seen.set(nameOf(ref), { value, version, at: Date.now() });
  }
}

const nameOf = ({ scope, scopeId = '', key }: MemoryRef): string => `${scope}/${scopeId}/${key}`;
