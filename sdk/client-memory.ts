import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import type { MemoryEntry, MemoryHit, MemorySummary } from '../contracts/memory.js';
import { BrikkApiError } from './api-error.js';
import type { CreateOptions, PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

/** Whose memory: the organisation's, a session's by the name that callers agree on, or a run's by its id. */
export type SharedMemoryOf = 'organisation' | { session: string } | { run: string };
/** Also an agent's own state, by its id. */
export type MemoryOf = SharedMemoryOf | { agent: string };

/** On which condition a value is put, and for how long. */
export interface PutMemoryOptions {
  /** Compare-and-set: the version that must stand, 0 for none; `memory.conflict` tells the one that does. */
  ifVersion?: number;
  /** Milliseconds until it is gone. */
  ttlMs?: number;
}
/** How long a list may become, and how long it stays. */
export interface AppendMemoryOptions extends CreateOptions {
  /** The oldest items above it go. */
  maxItems?: number;
  /** Milliseconds until the whole list is gone; as it was unless said. */
  ttlMs?: number;
}

/** What runs, agents and people share, by key. Everything fails with BrikkApiErrors. */
export class MemoryClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** Undefined when there is none, or its time is over. */
  async get(of: MemoryOf, key: string): Promise<MemoryEntry | undefined> {
    return this.transport.json<MemoryEntry>('GET', pathOf(of, key)).catch(unlessMissing);
  }

  /** With `ifVersion` not repeated when the connection breaks: it may have been written, and would then be in its own way. */
  put(of: MemoryOf, key: string, value: Json, options: PutMemoryOptions = {}): Promise<MemorySummary> {
    const body = { value, ...options };
    return this.transport.json('PUT', pathOf(of, key), { body, repeatable: options.ifVersion === undefined });
  }

  /** One more item of a list, which begins empty; however many append at once, none is lost. */
  append(
    of: MemoryOf,
    key: string,
    item: Json,
    { idempotencyKey, signal, ...options }: AppendMemoryOptions = {},
  ): Promise<MemorySummary> {
    const body = { item, ...options };
    return this.transport.json('POST', `${pathOf(of, key)}/append`, { body, idempotencyKey, signal });
  }

  /** Whether it was there. */
  async delete(of: MemoryOf, key: string, { ifVersion }: { ifVersion?: number } = {}): Promise<boolean> {
    const headers: Record<string, string> = ifVersion === undefined ? {} : { 'if-match': `"${ifVersion}"` };
    const done = this.transport.json('DELETE', pathOf(of, key), { headers }).then(() => true);
    return (await done.catch(unlessMissing)) ?? false;
  }

  /** Keys in order, without their values. */
  list(of: MemoryOf, filters: PageOptions & { prefix?: string } = {}): Promise<Page<MemorySummary>> {
    return this.transport.json('GET', pathOf(of), { query: { ...filters } });
  }

  /** Entries that hold the words, the best first; in all scopes unless `of` says whose. */
  search(
    query: string,
    { of, ...filters }: { of?: SharedMemoryOf; prefix?: string; limit?: number } = {},
  ): Promise<{ items: MemoryHit[] }> {
    const [scope, scopeId] = of === undefined ? [] : placeOf(of);
    return this.transport.json('POST', '/v1/memory/search', { body: { query, scope, scopeId, ...filters } });
  }
}

function placeOf(of: SharedMemoryOf): [scope: string, scopeId?: string] {
  if (of === 'organisation') return [of];
  return 'session' in of ? ['session', of.session] : ['run', of.run];
}

function pathOf(of: MemoryOf, ...key: string[]): string {
  const parts = typeof of === 'object' && 'agent' in of ? ['agents', of.agent, 'state'] : ['memory', ...placeOf(of)];
  return ['/v1', ...[...parts, ...key].map((part) => encodeURIComponent(part ?? ''))].join('/');
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof BrikkApiError) || error.code !== 'memory.not_found') throw error;
  return undefined;
}
