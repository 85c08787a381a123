import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { nameSchema } from '../../../contracts/json.js';
import type { PageQuery } from '../../../contracts/lists.js';
import type { PutAgentTemplate, PutPool, ScalePool } from '../../../contracts/pools.js';
import {
  deleteAgentTemplate,
  listAgentTemplates,
  putAgentTemplate,
  readAgentTemplate,
} from '../../../database/agent-templates.repository.js';
import { audit } from '../../../database/audit.repository.js';
import { Database, type Tx } from '../../../database/database.js';
import { deletePool, listPools, putPool, readPool, scalePool } from '../../../database/pools.repository.js';
import { actorOf } from '../common/actor.js';
import { Reply } from '../common/reply.js';
import type { Caller } from '../common/request.js';
import { Settings } from '../env.js';

@Injectable()
export class PoolsService {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  async templates({ orgId }: Caller, query: PageQuery) {
    return this.database.inOrg(orgId, (tx) => listAgentTemplates(tx, query));
  }

  async template({ orgId }: Caller, name: string) {
    return this.database.inOrg(orgId, (tx) => readAgentTemplate(tx, name));
  }

  async putTemplate(caller: Caller, name: string, settings: PutAgentTemplate) {
    if (!this.settings.pools)
      throw new BrikkError(
        'template.switched_off',
        'A template runs programs as the user of the worker: whoever operates Brikk allows it by BRIKK_POOLS=on, for the ' +
          'API and for the workers that are to host pools',
      );
    checkName(name);
    const { template, isNew } = await this.database.inOrg(caller.orgId, async (tx) => {
      const written = await putAgentTemplate(tx, caller.orgId, name, settings);
      await this.audit(tx, caller, 'template.put', name, Object.keys(settings));
      return written;
    });
    return new Reply(isNew ? 201 : 200, template);
  }

  async deleteTemplate(caller: Caller, name: string): Promise<void> {
    await this.database.inOrg(caller.orgId, async (tx) => {
      await deleteAgentTemplate(tx, name);
      await this.audit(tx, caller, 'template.deleted', name);
    });
  }

  async list({ orgId }: Caller, query: PageQuery) {
    return this.database.inOrg(orgId, (tx) => listPools(tx, query));
  }

  async get({ orgId }: Caller, name: string) {
    return this.database.inOrg(orgId, (tx) => readPool(tx, name));
  }

  async put(caller: Caller, name: string, change: PutPool) {
    checkName(name);
    const { pool, isNew } = await this.database.inOrg(caller.orgId, async (tx) => {
      const written = await putPool(tx, caller.orgId, name, change);
      await this.audit(tx, caller, 'pool.put', name, Object.keys(change));
      return written;
    });
    return new Reply(isNew ? 201 : 200, pool);
  }

  async scale(caller: Caller, name: string, { size }: ScalePool) {
    return this.database.inOrg(caller.orgId, async (tx) => {
      const pool = await scalePool(tx, caller.orgId, name, size);
      await this.audit(tx, caller, 'pool.scaled', name, ['size']);
      return pool;
    });
  }

  async remove(caller: Caller, name: string): Promise<void> {
    await this.database.inOrg(caller.orgId, async (tx) => {
      await deletePool(tx, name);
      await this.audit(tx, caller, 'pool.deleted', name);
    });
  }

  private audit(tx: Tx, caller: Caller, action: string, target: string, changedFields: string[] = []): Promise<void> {
    return audit(tx, { ...actorOf(caller), action, target, outcome: 'ok', changedFields });
  }
}

function checkName(name: string): void {
  const { error } = nameSchema.safeParse(name);
  if (!error) return;
  throw new BrikkError('request.invalid', 'Nothing can have this name', {
    violations: [{ path: 'name', message: error.issues[0]?.message ?? 'is no name' }],
  });
}
