import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApplicationFailure } from '@temporalio/common';
import { makeConnectorCall } from '../../activities/connector-call.js';
import type { Outcome } from '../../activities/outside-call.js';
import { connections } from '../../apps/worker/connections.js';
import { payloads } from '../../apps/worker/record.js';
import { addressRule } from '../../connectors/lib/address-rule.js';
import { resolveBy } from '../../connectors/lib/resolve-address.js';
import { WebConnector } from '../../connectors/web/web.connector.js';
import { type Connection, type CreateConnection, createConnectionSchema } from '../../contracts/connections.js';
import type { Json } from '../../contracts/json.js';
import { countBreakerMoves } from '../../database/breaker-changes.js';
import { reportToBreaker } from '../../database/breakers.repository.js';
import { leaveQueue } from '../../database/connection-queue.js';
import { learnOfUrls } from '../../database/connection-urls.js';
import { claimEffect } from '../../database/connector-calls.repository.js';
import { createConnection } from '../../database/connections.repository.js';
import type { Database } from '../../database/database.js';
import { startState } from '../../database/oauth-states.js';
import { masterKeysSchema } from '../../database/master-key.js';
import { uuidv7 } from '../../database/uuid.js';
import { Vault } from '../../database/vault.js';

const LOOPBACK = addressRule(['127.0.0.0/8']);

/** A connection that waits for a person, how its URLs do, its circuit breaker, one effect of it on record, one that waits. */
export async function keptConnection(database: Database, vault: Vault, orgId: string): Promise<Connection> {
  const asked = createConnectionSchema.parse({
    name: 'known',
    provider: 'http',
    baseUrls: ['https://api.example.com', 'https://api.example.net'],
    auth: {
      kind: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://login.example.com/authorize',
      tokenUrl: 'https://login.example.com/token',
      clientId: 'brikk',
    },
  });
  return database.inOrg(orgId, async (tx) => {
    const made = await createConnection(tx, vault, orgId, asked);
    const runId = uuidv7();
    const effect = { key: 'k', callKey: 'a', function: 'http.request', requestHash: 'h', holdMs: 0 };
    await reportToBreaker(tx, orgId, `connector:${made.id}`, true);
    await countBreakerMoves(tx, orgId, 'connector', ['open']);
    await learnOfUrls(tx, orgId, made, [{ url: 'https://api.example.com', isFailure: true }]);
    await startState(tx, vault, orgId, {
      connectionId: made.id,
      askedBy: runId,
      redirectUri: 'https://brikk.example.com',
    });
    await claimEffect(tx, { orgId, runId, connectionId: made.id, ...effect });
    await leaveQueue(tx, orgId, { connectionId: made.id, runId, callKey: 'b' }, 60_000);
    return made;
  });
}

/** What a call of a connector came to: its outcome, or how long until it is tried again. */
export type Tried = { outcome: Outcome } | { laterMs: number; type: string; message: string };

/** Calls of connectors as the worker makes them, on a real Postgres. */
export class ConnectorHouse {
  private readonly web = new WebConnector(LOOPBACK);
  readonly options;

  constructor(
    readonly database: Database,
    readonly orgId: string,
    readonly vault = new Vault(masterKeysSchema.parse(randomBytes(32).toString('base64'))),
  ) {
    this.options = { web: this.web, resolve: resolveBy(LOOPBACK), connections: connections(database, this.vault) };
  }

  connect(asked: Partial<CreateConnection> & Pick<CreateConnection, 'name'>): Promise<Connection> {
    const given = { provider: 'http', auth: { kind: 'bearer', token: 'the-token-of-all' }, ...asked };
    const parsed = createConnectionSchema.parse(given);
    return this.database.inOrg(this.orgId, (tx) => createConnection(tx, this.vault, this.orgId, parsed));
  }

  /** Every circuit is closed again: one test's failures are not another's. */
  async closeCircuits(): Promise<void> {
    await this.database.inOrg(this.orgId, (tx) => tx('DELETE FROM circuit_breaker'));
  }

  /** One attempt of a call. The same `runId` and `key` again is its repeat. */
  async attempt(
    name: string,
    parameters: Json,
    {
      runId,
      key = 'a',
      idempotencyKey,
      deadlineMs = 3_600_000,
      timeoutMs = 5_000,
    }: {
      runId: string;
      key?: string;
      idempotencyKey?: string;
      deadlineMs?: number;
      timeoutMs?: number;
    },
  ): Promise<Tried> {
    const run = { orgId: this.orgId, runId };
    const request = { kind: 'connector' as const, function: name };
    const parts = { with: parameters, ...(idempotencyKey !== undefined && { idempotencyKey }) };
    const call = {
      ...run,
      key,
      path: `/${key}`,
      request,
      parts: { request: { inline: parts } },
      resumed: false,
      events: [],
    };
    const { signal } = new AbortController();
    const hide = (text: string) => text;
    const prepared = { payloads: payloads(this.database), parts, timeoutMs, signal, hide } as never;
    try {
      const deadlineAt = Date.now() + deadlineMs;
      return { outcome: await makeConnectorCall(this.options, { ...call, timeoutMs }, prepared, deadlineAt) };
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      return { laterMs: Number(error.nextRetryDelay), type: error.type ?? '', message: error.message };
    }
  }

  close(): Promise<void> {
    return this.web.close();
  }
}

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An outside system that answers as the test says, after it has done what was asked. */
export class OutsideSystem {
  readonly seen: SeenRequest[] = [];
  /** What comes next; 200 `{"ok":true}` when there is nothing. */
  readonly script: ((response: ServerResponse, request: SeenRequest) => void)[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<OutsideSystem> {
    const server = createServer();
    const system = new OutsideSystem(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
        system.seen.push(seen);
        const answer = system.script.shift() ?? says(200, { ok: true });
        answer(response, seen);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return system;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

export const says =
  (status: number, body: Json = {}, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** The answer is lost on its way. */
export const dropped = (response: ServerResponse): void => void response.destroy();
