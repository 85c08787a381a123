import { Injectable } from '@nestjs/common';
import type { PageQuery } from '../../../contracts/lists.js';
import { listAudit, verifyAudit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import type { Caller } from '../common/request.js';

@Injectable()
export class AuditService {
  constructor(private readonly database: Database) {}

  async list({ orgId }: Caller, page: PageQuery) {
    return this.database.inOrg(orgId, (tx) => listAudit(tx, page));
  }

  async verify({ orgId }: Caller) {
    return this.database.inOrg(orgId, (tx) => verifyAudit(tx));
  }
}
