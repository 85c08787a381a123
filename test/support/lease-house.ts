import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { Lease, PutResource, RequestLease } from '../../contracts/resources.js';
import { readLease, releaseLease, renewLease, requestLease } from '../../database/leases.repository.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { putResource, readResource } from '../../database/resources.repository.js';
import { type TestDatabase, withDatabase } from './postgres.js';

export const holder = (keyId: string) => ({ keyId, isOperator: false });

/** Resources and leases of an organisation of its own for each test, on a real database. */
export class LeaseHouse {
  test!: TestDatabase;
  orgId = '';
  private orgs = 0;

  constructor(name: string) {
    beforeAll(async () => {
      this.test = await withDatabase();
    }, 90_000);
    afterAll(() => this.test.close());
    beforeEach(async () => {
      this.orgs += 1;
      const { id } = await this.test.database.outsideOrgs((tx) => createOrganisation(tx, `${name}-${this.orgs}`));
      this.orgId = id;
    });
  }

  put = (name: string, resource: PutResource) =>
    this.test.database.inOrg(this.orgId, (tx) => putResource(tx, this.orgId, name, resource));

  ask = (keyId: string, resource: string, wish: Partial<RequestLease> = {}): Promise<Lease> =>
    this.test.database.inOrg(this.orgId, (tx) =>
      requestLease(
        tx,
        { orgId: this.orgId, keyId, resource },
        { amount: 1, priority: 'normal', ttlMs: 60_000, waitMs: 60_000, ...wish },
      ),
    );

  read = ({ resource, id }: Lease) => this.test.database.inOrg(this.orgId, (tx) => readLease(tx, resource, id));

  release = (keyId: string, { resource, id }: Lease) =>
    this.test.database.inOrg(this.orgId, (tx) => releaseLease(tx, { resource, id, holder: holder(keyId) }));

  renew = (keyId: string, { resource, id }: Lease) =>
    this.test.database.inOrg(this.orgId, (tx) =>
      renewLease(tx, { resource, id, holder: holder(keyId) }, { ttlMs: 60_000 }),
    );

  use = (name: string) => this.test.database.inOrg(this.orgId, (tx) => readResource(tx, name));
}
