import type { Json } from '../contracts/json.js';
import type { MemoryEntry, MemorySummary } from '../contracts/memory.js';
import type { AppendMemoryOptions, MemoryClient, PutMemoryOptions } from './client-memory.js';

/**
 * What an agent keeps under its own name, by key: it outlives its processes, and all instances of this version share it.
 * JSON of at most 1 MiB a key. Everything fails with BrikkApiErrors.
 */
export class AgentState {
  constructor(
    private readonly memory: MemoryClient,
    private readonly agentId: () => string,
  ) {}

  /** Undefined when there is none, or its time is over. */
  get(key: string): Promise<MemoryEntry | undefined> {
    return this.memory.get(this.of, key);
  }

  /** With `ifVersion` compare-and-set: `memory.conflict` when another version stands, 0 for none. */
  put(key: string, value: Json, options?: PutMemoryOptions): Promise<MemorySummary> {
    return this.memory.put(this.of, key, value, options);
  }

  /** One more item of a list, which begins empty; however many append at once, none is lost. */
  append(key: string, item: Json, options?: AppendMemoryOptions): Promise<MemorySummary> {
    return this.memory.append(this.of, key, item, options);
  }

  /** Whether it was there. */
  delete(key: string, options?: { ifVersion?: number }): Promise<boolean> {
    return this.memory.delete(this.of, key, options);
  }

  private get of() {
    return { agent: this.agentId() };
  }
}
