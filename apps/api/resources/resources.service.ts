import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { nameSchema } from '../../../contracts/json.js';
import type { PageQuery } from '../../../contracts/lists.js';
import type { ListLeases, PutResource, RenewLease, RequestLease } from '../../../contracts/resources.js';
import { audit } from '../../../database/audit.repository.js';
import { Database, type Tx } from '../../../database/database.js';
import { listLeases, readLease, releaseLease, renewLease, requestLease } from '../../../database/leases.repository.js';
import { deleteResource, listResources, putResource, readResource } from '../../../database/resources.repository.js';
import { actorOf } from '../common/actor.js';
import { knownId } from '../common/ids.js';
import { once } from '../common/idempotency.js';
import { Reply } from '../common/reply.js';
import type { Caller } from '../common/request.js';
import { holderOf } from './holder.js';

interface LeaseInPath {
  name: string;
  id: string;
}

@Injectable()
export class ResourcesService {
  constructor(private readonly database: Database) {}

  async list({ orgId }: Caller, query: PageQuery) {
    return this.database.inOrg(orgId, (tx) => listResources(tx, query));
  }

  async get({ orgId }: Caller, name: string) {
    return this.database.inOrg(orgId, (tx) => readResource(tx, name));
  }

  async put(caller: Caller, name: string, change: PutResource) {
    checkName(name);
    const { orgId } = caller;
    const { resource, isNew } = await this.database.inOrg(orgId, async (tx) => {
      const written = await putResource(tx, orgId, name, change);
      await this.audit(tx, caller, 'resource.put', name, Object.keys(change));
      return written;
    });
    return new Reply(isNew ? 201 : 200, resource);
  }

  async remove(caller: Caller, name: string): Promise<void> {
    await this.database.inOrg(caller.orgId, async (tx) => {
      await deleteResource(tx, name);
      await this.audit(tx, caller, 'resource.deleted', name);
    });
  }

  async leases({ orgId }: Caller, name: string, query: ListLeases) {
    return this.database.inOrg(orgId, (tx) => listLeases(tx, name, query));
  }

  async lease({ orgId }: Caller, name: string, id: string) {
    knownId(id, 'lease.not_found');
    return this.database.inOrg(orgId, (tx) => readLease(tx, name, id));
  }

  async request(caller: Caller, resource: string, request: RequestLease) {
    const { orgId, keyId } = caller;
    const route = `POST /v1/resources/${resource}/leases`;
    const { status, body } = await once(this.database, caller, { route, body: request, keepFor: 'day' }, async (tx) => {
      const lease = await requestLease(tx, { orgId, keyId, resource }, request);
      await this.audit(tx, caller, 'lease.requested', `${resource}/${lease.id}`);
      return { status: lease.state === 'held' ? 201 : 202, body: lease };
    });
    return new Reply(status, body);
  }

  async renew(caller: Caller, { name, id }: LeaseInPath, renewal: RenewLease) {
    knownId(id, 'lease.not_found');
    return this.database.inOrg(caller.orgId, async (tx) => {
      const renewed = await renewLease(tx, { resource: name, id, holder: holderOf(caller) }, renewal);
      await this.audit(tx, caller, 'lease.renewed', `${name}/${id}`);
      return renewed;
    });
  }

  async release(caller: Caller, { name, id }: LeaseInPath): Promise<void> {
    knownId(id, 'lease.not_found');
    await this.database.inOrg(caller.orgId, async (tx) => {
      await releaseLease(tx, { resource: name, id, holder: holderOf(caller) });
      await this.audit(tx, caller, 'lease.released', `${name}/${id}`);
    });
  }

  private audit(tx: Tx, caller: Caller, action: string, target: string, changedFields: string[] = []): Promise<void> {
    return audit(tx, { ...actorOf(caller), action, target, outcome: 'ok', changedFields });
  }
}

function checkName(name: string): void {
  const { error } = nameSchema.safeParse(name);
  if (!error) return;
  throw new BrikkError('request.invalid', 'No resource can have this name', {
    violations: [{ path: 'name', message: error.issues[0]?.message ?? 'is no name' }],
  });
}
