import type { Json } from '../../contracts/json.js';
import type { MemoryAddress } from '../../contracts/memory.js';
import type { MemoryOutcome } from '../../contracts/memory-activities.js';

/** A shared memory that outlives the runs of a spec. */
export class ScriptedMemory {
  readonly entries = new Map<string, { value: Json; version: number }>();
  /** Values that were put, in order. */
  readonly puts: Json[] = [];
  readonly #done = new Map<string, MemoryOutcome>();
  /** What somebody else does before a put of the run arrives. */
  meanwhile: (put: number) => void = () => undefined;
  /** Refuses every write as too large. */
  isFull = false;

  find({ scope, scopeId, key }: MemoryAddress): { value: Json; version: number } | undefined {
    return this.entries.get(`${scope}/${scopeId}/${key}`);
  }

  set({ scope, scopeId, key }: MemoryAddress, value: Json): number {
    const version = (this.find({ scope, scopeId, key })?.version ?? 0) + 1;
    this.entries.set(`${scope}/${scopeId}/${key}`, { value, version });
    return version;
  }

  /** A write happens once for its operation: the engine may ask again when it lost the answer. */
  once(runId: string, operation: string, write: () => MemoryOutcome): MemoryOutcome {
    const name = `${runId}/${operation}`;
    const outcome = this.#done.get(name) ?? write();
    this.#done.set(name, outcome);
    return outcome;
  }

  put(address: MemoryAddress, value: Json, ifVersion: number | undefined): MemoryOutcome {
    this.meanwhile(this.puts.length);
    this.puts.push(value);
    if (this.isFull) return { written: false, reason: 'too_large', message: 'the entry is too large' };
    const standing = this.find(address)?.version ?? 0;
    if (ifVersion !== undefined && ifVersion !== standing)
      return { written: false, reason: 'conflict', message: `its version is ${standing}` };
    return { written: true, version: this.set(address, value) };
  }

  append(address: MemoryAddress, item: Json): MemoryOutcome {
    const { value = [] } = this.find(address) ?? {};
    if (!Array.isArray(value)) return { written: false, reason: 'not_a_list', message: 'it is no list' };
    return { written: true, version: this.set(address, [...value, item]) };
  }
}
