import type { z } from 'zod';
import type { Page } from '../contracts/lists.js';
import type { openSessionSchema, SaveSession, Session, SessionSummary } from '../contracts/sessions.js';
import type { PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

/** Sessions of agents. Everything fails with BrikkApiErrors. */
export class SessionsClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** The instance has the session from now on. */
  open(
    { id, instanceId }: { id: string; instanceId: string },
    session: z.input<typeof openSessionSchema>,
  ): Promise<Session> {
    const of = `/v1/agents/${encodeURIComponent(id)}/instances/${encodeURIComponent(instanceId)}`;
    return this.transport.json('POST', `${of}/sessions`, { body: session });
  }

  /** Fails `session.moved` when another instance has taken it over since it was opened. */
  save(id: string, change: SaveSession): Promise<SessionSummary> {
    return this.transport.json('PUT', pathOf(id), { body: change });
  }

  /** Without their states; `agent` is the id of one. */
  list(filters: PageOptions & { agent?: string; key?: string } = {}): Promise<Page<SessionSummary>> {
    return this.transport.json('GET', '/v1/sessions', { query: { ...filters } });
  }

  /** With its state. Fails `session.not_found`. */
  get(id: string): Promise<Session> {
    return this.transport.json('GET', pathOf(id));
  }

  /** The next call under its key begins anew. Fails `session.not_found`. */
  async end(id: string): Promise<void> {
    await this.transport.json('DELETE', pathOf(id));
  }
}

const pathOf = (id: string) => `/v1/sessions/${encodeURIComponent(id)}`;
