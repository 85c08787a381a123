import type { PutQuota, Quota } from '../contracts/quotas.js';
import type { ApiTransport } from './http.js';

/** What organisations may use in each window. Everything fails with BrikkApiError. */
export class QuotasClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** Of the key's own organisation, or, for the platform's operators, of another one. */
  get(organisationId?: string): Promise<Quota> {
    return this.transport.json('GET', organisationId === undefined ? '/v1/quota' : pathOf(organisationId));
  }

  /** For the platform's operators. */
  put(organisationId: string, quota: PutQuota): Promise<Quota> {
    return this.transport.json('PUT', pathOf(organisationId), { body: quota });
  }

  /** For the platform's operators: as much as they like. */
  async remove(organisationId: string): Promise<void> {
    await this.transport.json('DELETE', pathOf(organisationId));
  }
}

const pathOf = (organisationId: string) => `/v1/organisations/${encodeURIComponent(organisationId)}/quota`;
