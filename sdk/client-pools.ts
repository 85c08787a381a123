import type { z } from 'zod';
import type { Page } from '../contracts/lists.js';
import type { AgentTemplate, Pool, putAgentTemplateSchema, putPoolSchema } from '../contracts/pools.js';
import type { PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

export type PutAgentTemplateInput = z.input<typeof putAgentTemplateSchema>;
export type PutPoolInput = z.input<typeof putPoolSchema>;

/** How processes are started that serve agents. */
export class AgentTemplatesClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** A new template, or a new version of one. Fails `template.switched_off`. */
  put(name: string, template: PutAgentTemplateInput): Promise<AgentTemplate> {
    return this.transport.json('PUT', pathOf('agent-templates', name), { body: template, repeatable: true });
  }

  /** By name. */
  list(page: PageOptions = {}): Promise<Page<AgentTemplate>> {
    return this.transport.json('GET', '/v1/agent-templates', { query: { ...page } });
  }

  /** Fails `template.not_found`. */
  get(name: string): Promise<AgentTemplate> {
    return this.transport.json('GET', pathOf('agent-templates', name));
  }

  /** Fails `template.not_found`, `template.in_use`. */
  async delete(name: string): Promise<void> {
    await this.transport.json('DELETE', pathOf('agent-templates', name));
  }
}

/** Processes of a template, as many as there is to do. */
export class PoolsClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** A new pool, or other terms for one. Fails `template.not_found`. */
  put(name: string, pool: PutPoolInput): Promise<Pool> {
    return this.transport.json('PUT', pathOf('pools', name), { body: pool, repeatable: true });
  }

  /** By name. */
  list(page: PageOptions = {}): Promise<Page<Pool>> {
    return this.transport.json('GET', '/v1/pools', { query: { ...page } });
  }

  /** Fails `pool.not_found`. */
  get(name: string): Promise<Pool> {
    return this.transport.json('GET', pathOf('pools', name));
  }

  /** From its min to its max. Fails `pool.not_found`. */
  scale(name: string, size: number): Promise<Pool> {
    return this.transport.json('POST', `${pathOf('pools', name)}/scale`, { body: { size }, repeatable: true });
  }

  /** Its members finish what they have in hand. Fails `pool.not_found`. */
  async delete(name: string): Promise<void> {
    await this.transport.json('DELETE', pathOf('pools', name));
  }
}

const pathOf = (of: 'agent-templates' | 'pools', name: string) => `/v1/${of}/${encodeURIComponent(name)}`;
