import type { CatalogFunction } from '../contracts/functions.js';
import type { Page } from '../contracts/lists.js';
import type { ApiTransport } from './http.js';

/** The catalogue of patterns. Everything fails with BrikkApiError. */
export class FunctionsClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** All of them, on one page. */
  list(): Promise<Page<CatalogFunction>> {
    return this.transport.json('GET', '/v1/functions');
  }

  /** Fails with `function.not_found`. */
  get(name: string): Promise<CatalogFunction> {
    return this.transport.json('GET', `/v1/functions/${encodeURIComponent(name)}`);
  }
}
