import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import type { SecretSummary } from '../contracts/secrets.js';
import type { PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

/** Secrets of the organisation: kept, listed by name, deleted; their values are never readable again. */
export class SecretsClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** A new secret, or a new value of one: text, or an object such as `{username, password}`. */
  put(name: string, value: string | { [field: string]: Json }): Promise<SecretSummary> {
    return this.transport.json('PUT', pathOf(name), { body: { value }, repeatable: true });
  }

  /** By name, without values. */
  list(page: PageOptions = {}): Promise<Page<SecretSummary>> {
    return this.transport.json('GET', '/v1/secrets', { query: { ...page } });
  }

  /** Fails `secret.not_found`. */
  async delete(name: string): Promise<void> {
    await this.transport.json('DELETE', pathOf(name));
  }
}

const pathOf = (name: string): string => `/v1/secrets/${encodeURIComponent(name)}`;
