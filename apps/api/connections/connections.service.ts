import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { needsPerson } from '../../../contracts/connection-auth.js';
import type { ConnectionTask } from '../../../contracts/connection-tasks.js';
import type {
  ChangeConnection,
  Connection,
  ConnectionInUse,
  ConnectionTest,
  CreateConnection,
  PutCredential,
  RotateCredential,
} from '../../../contracts/connections.js';
import type { Page, PageQuery } from '../../../contracts/lists.js';
import { audit } from '../../../database/audit.repository.js';
import {
  changeConnection,
  createConnection,
  deleteConnection,
  findConnection,
  listConnections,
  putCredential,
  revokeConnection,
} from '../../../database/connections.repository.js';
import { queuesOf } from '../../../database/connection-queue.js';
import { Database, type Tx } from '../../../database/database.js';
import { Vault } from '../../../database/vault.js';
import { actorOf } from '../common/actor.js';
import { Engine } from '../common/engine.js';
import { once } from '../common/idempotency.js';
import { knownId } from '../common/ids.js';
import { invalidField } from '../common/invalid-field.js';
import { Reply } from '../common/reply.js';
import type { Caller } from '../common/request.js';
import { checkAuth, checkTerms } from './check-connection.js';
import { checkFallback } from './check-fallback.js';

/** A worker's time for a test call, and the way there and back. */
const TEST_WAIT_MS = 25_000;

/** Outside systems as an organisation uses them. */
@Injectable()
export class ConnectionsService {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly engine: Engine,
  ) {}

  async create(caller: Caller, request: CreateConnection): Promise<Reply<Connection>> {
    const { orgId } = caller;
    checkAuth(request.provider, request);
    checkTerms(request);
    const { status, body } = await once(
      this.database,
      caller,
      { route: 'POST /v1/connections', body: request },
      async (tx) => {
        await checkFallback(tx, request);
        const made = await createConnection(tx, this.vault, orgId, request);
        await audit(tx, { ...actorOf(caller), action: 'connection.created', target: made.id, outcome: 'ok' });
        return { status: 201, body: made };
      },
    );
    return new Reply(status, body);
  }

  async list({ orgId }: Caller, page: PageQuery): Promise<Page<ConnectionInUse>> {
    return this.database.inOrg(orgId, async (tx) => {
      const { items, nextCursor } = await listConnections(tx, page);
      return { items: await inUse(tx, items), nextCursor };
    });
  }

  async get({ orgId }: Caller, id: string): Promise<ConnectionInUse> {
    knownId(id, 'connection.not_found');
    return this.database.inOrg(orgId, async (tx) => {
      const [found] = await inUse(tx, [await findConnection(tx, id)]);
      return found as ConnectionInUse;
    });
  }

  async change(caller: Caller, id: string, change: ChangeConnection): Promise<Connection> {
    return this.audited(caller, id, 'connection.changed', Object.keys(change), async (tx) => {
      const changed = await changeConnection(tx, id, change);
      checkTerms(changed);
      await checkFallback(tx, changed);
      return changed;
    });
  }

  async putCredential(caller: Caller, id: string, put: PutCredential): Promise<Connection> {
    return this.audited(caller, id, 'connection.credential_put', ['auth'], (tx) => this.replace(tx, caller, id, put));
  }

  async rotate(caller: Caller, id: string, rotate: RotateCredential): Promise<Connection> {
    knownId(id, 'connection.not_found');
    if (needsPerson(rotate.auth))
      throw invalidField('auth.grant', 'needs a person who agrees: authorise the connection, or put the credential');
    const request = { route: `POST /v1/connections/${id}/rotate`, body: rotate };
    const { body } = await once(this.database, caller, request, async (tx) => {
      const rotated = await this.replace(tx, caller, id, rotate);
      await audit(tx, {
        ...actorOf(caller),
        action: 'connection.credential_rotated',
        target: id,
        outcome: 'ok',
        changedFields: ['auth'],
      });
      return { status: 200, body: rotated };
    });
    return body;
  }

  private async replace(tx: Tx, { orgId }: Caller, id: string, next: PutCredential): Promise<Connection> {
    checkAuth((await findConnection(tx, id)).provider, next);
    return putCredential(tx, this.vault, orgId, id, next);
  }

  async revoke(caller: Caller, id: string): Promise<Connection> {
    return this.audited(caller, id, 'connection.revoked', ['auth'], (tx) => revokeConnection(tx, id));
  }

  async remove(caller: Caller, id: string): Promise<void> {
    await this.audited(caller, id, 'connection.deleted', [], (tx) => deleteConnection(tx, id));
  }

  async test(caller: Caller, id: string): Promise<ConnectionTest> {
    const { orgId, keyId, requestId } = caller;
    await this.get(caller, id);
    const task: ConnectionTask = { orgId, connectionId: id, by: { id: keyId, requestId } };
    return this.engine.ask('connectionTest', `org_${orgId}/connection/${randomUUID()}`, task, TEST_WAIT_MS);
  }

  private async audited<T>(
    caller: Caller,
    id: string,
    action: string,
    changedFields: string[],
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    knownId(id, 'connection.not_found');
    return this.database.inOrg(caller.orgId, async (tx) => {
      const done = await work(tx);
      await audit(tx, { ...actorOf(caller), action, target: id, outcome: 'ok', changedFields });
      return done;
    });
  }
}

async function inUse(tx: Tx, connections: Connection[]): Promise<ConnectionInUse[]> {
  const queues = await queuesOf(
    tx,
    connections.map(({ id }) => id),
  );
  const none = { waiting: 0, oldestMs: null };
  return connections.map((connection) => ({ ...connection, queue: queues.get(connection.id) ?? none }));
}
