import { Injectable } from '@nestjs/common';
import type { PutQuota, Quota } from '../../../contracts/quotas.js';
import { audit } from '../../../database/audit.repository.js';
import { Database, type Tx } from '../../../database/database.js';
import { findOrganisation } from '../../../database/organisations.repository.js';
import { putQuota, readQuota, removeQuota } from '../../../database/quotas.repository.js';
import { actorOf } from '../common/actor.js';
import { knownId } from '../common/ids.js';
import type { Caller } from '../common/request.js';

/** All fail `organisation.not_found`. */
@Injectable()
export class QuotasService {
  constructor(private readonly database: Database) {}

  read(orgId: string): Promise<Quota> {
    return this.within(orgId, readQuota);
  }

  put(caller: Caller, orgId: string, quota: PutQuota): Promise<Quota> {
    return this.within(orgId, async (tx) => {
      const kept = await putQuota(tx, quota);
      await audit(tx, { ...actorOf(caller), orgId, action: 'quota.changed', target: orgId, outcome: 'ok' });
      return kept;
    });
  }

  remove(caller: Caller, orgId: string): Promise<void> {
    return this.within(orgId, async (tx) => {
      await removeQuota(tx);
      await audit(tx, { ...actorOf(caller), orgId, action: 'quota.removed', target: orgId, outcome: 'ok' });
    });
  }

  private within<T>(orgId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    knownId(orgId, 'organisation.not_found');
    return this.database.inOrg(orgId, async (tx) => {
      await findOrganisation(tx, orgId);
      return work(tx);
    });
  }
}
