import type { Definition } from '../contracts/definition.js';
import type { DefinitionGraph } from '../contracts/definition-graph.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import type { PublishedWorkflow, Workflow } from '../contracts/workflows.js';
import type { CreateOptions, PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

/** A definition as plain data. */
export type WorkflowDocument = { [key: string]: Json };

/** Published workflow definitions. Everything fails with BrikkApiError. */
export class WorkflowsClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** A version never changes. Fails with `workflow.invalid`, or `workflow.conflict` when it has other content. */
  publish(definition: Definition | WorkflowDocument, options: CreateOptions = {}): Promise<PublishedWorkflow> {
    return this.transport.json('POST', '/v1/workflows', { body: definition, ...options });
  }

  /** Each in its newest version. */
  list(page: PageOptions & { namespace?: string } = {}): Promise<Page<Workflow>> {
    return this.transport.json('GET', '/v1/workflows', { query: { ...page } });
  }

  /** The newest first. Fails with `workflow.not_found`. */
  versions(namespace: string, name: string): Promise<Page<Workflow>> {
    return this.transport.json('GET', pathOf(namespace, name));
  }

  /** The definition itself, in its newest version unless one is said. Fails with `workflow.not_found`. */
  get(namespace: string, name: string, version = 'latest'): Promise<WorkflowDocument> {
    return this.transport.json('GET', pathOf(namespace, name, version));
  }

  /** Its tasks as nodes and edges. Fails with `workflow.not_found`. */
  graph(namespace: string, name: string, version = 'latest'): Promise<DefinitionGraph> {
    return this.transport.json('GET', pathOf(namespace, name, version), { query: { format: 'graph' } });
  }
}

const pathOf = (...parts: string[]): string => `/v1/workflows/${parts.map(encodeURIComponent).join('/')}`;
