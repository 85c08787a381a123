import type { Json } from '../../contracts/json.js';
import type { MemoryAddress, MemoryScope } from '../../contracts/memory.js';
import type { MemoryOutcome, RecallRequest } from '../../contracts/memory-activities.js';
import { fitting } from '../../database/recall-memory.js';

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

  /** How often somebody asked what calls are to be told. */
  recalled = 0;

  /** By keys or a prefix; the words of a query are looked for as they stand. */
  recall({ scope, scopeId = '', keys, prefix = '', query, maxBytes }: RecallRequest) {
    this.recalled += 1;
    const all = [...this.entries].map(([name, { value, version }]) => {
      const [where = '', id = '', key = ''] = name.split('/');
      const bytes = JSON.stringify(value).length;
      return { scope: where as MemoryScope, scopeId: id, key, version, value, bytes };
    });
    const isMeant = (entry: (typeof all)[number]) =>
      (scope === undefined || (entry.scope === scope && entry.scopeId === scopeId)) &&
      entry.key.startsWith(prefix) &&
      (query === undefined || JSON.stringify(entry.value).includes(query));
    const meant = all.filter(isMeant);
    const { kept, left } = fitting(
      keys ? keys.flatMap((key) => meant.find((entry) => entry.key === key) ?? []) : meant,
      maxBytes,
    );
    const told = ({ bytes: _bytes, ...entry }: (typeof all)[number]) => entry;
    return { kept: kept.map(told), left: left.map(told) };
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
