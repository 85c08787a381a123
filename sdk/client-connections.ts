import type { z } from 'zod';
import type { Breaker } from '../contracts/breakers.js';
import type { connectionAuthSchema } from '../contracts/connection-auth.js';
import type {
  Authorization,
  changeConnectionSchema,
  Connection,
  ConnectionInUse,
  ConnectionTest,
  createConnectionSchema,
  rotateCredentialSchema,
} from '../contracts/connections.js';
import type { Page } from '../contracts/lists.js';
import type { CreateOptions, PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

export type CreateConnectionInput = z.input<typeof createConnectionSchema>;
export type ChangeConnectionInput = z.input<typeof changeConnectionSchema>;
export type ConnectionAuthInput = z.input<typeof connectionAuthSchema>;

export type RotateCredentialInput = z.input<typeof rotateCredentialSchema>;

/** Outside systems as the organisation uses them; their credentials are never readable again. */
export class ConnectionsClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** Fails `connection.conflict` when the name is taken. */
  create(connection: CreateConnectionInput, options: CreateOptions = {}): Promise<Connection> {
    return this.transport.json('POST', CONNECTIONS, { body: connection, ...options });
  }

  /** By name, with the calls that wait. */
  list(page: PageOptions = {}): Promise<Page<ConnectionInUse>> {
    return this.transport.json('GET', CONNECTIONS, { query: { ...page } });
  }

  /** A connection with the calls that wait. Fails `connection.not_found`. */
  get(id: string): Promise<ConnectionInUse> {
    return this.transport.json('GET', at(id));
  }

  /** What is said changes. */
  change(id: string, change: ChangeConnectionInput): Promise<Connection> {
    return this.transport.json('PATCH', at(id), { body: change });
  }

  /** Calls that begin from now on use it. */
  putCredential(id: string, auth: ConnectionAuthInput): Promise<Connection> {
    return this.transport.json('PUT', `${at(id)}/credential`, { body: { auth } });
  }

  /** As `putCredential`; the one before is tried where the new one is refused, for a day unless `overlapMs` says. */
  rotate(id: string, rotation: RotateCredentialInput, options: CreateOptions = {}): Promise<Connection> {
    return this.transport.json('POST', `${at(id)}/rotate`, { body: rotation, ...options });
  }

  /** Its credential is destroyed, and no call goes out until there is another. */
  revoke(id: string): Promise<Connection> {
    return this.transport.json('DELETE', `${at(id)}/credential`);
  }

  /** Where a person agrees, once, within ten minutes. For `oauth2` with the grant `authorization_code`. */
  authorize(id: string): Promise<Authorization> {
    return this.transport.json('POST', `${at(id)}/authorize`);
  }

  /** One request without effect; what the outside system says is the answer. */
  test(id: string): Promise<ConnectionTest> {
    return this.transport.json('POST', `${at(id)}/test`);
  }

  /** With its credential and the record of its keys. */
  async delete(id: string): Promise<void> {
    await this.transport.json('DELETE', at(id));
  }
}

/** Circuit breakers that all workers share. */
export class BreakersClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** By target; a target without one is closed. */
  list(page: PageOptions = {}): Promise<Page<Breaker>> {
    return this.transport.json('GET', '/v1/breakers', { query: { ...page } });
  }

  /** Calls go out at once. Fails `breaker.not_found`. */
  async reset(target: string): Promise<void> {
    await this.transport.json('POST', '/v1/breakers/reset', { body: { target } });
  }
}

const CONNECTIONS = '/v1/connections';
const at = (id: string): string => `${CONNECTIONS}/${encodeURIComponent(id)}`;
