import { Injectable } from '@nestjs/common';
import type { Page, PageQuery } from '../../../contracts/lists.js';
import type { ApiKey, CreateApiKey, CreatedApiKey } from '../../../contracts/organisations.js';
import { createApiKey, listApiKeys, revokeApiKey } from '../../../database/api-keys.repository.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import { actorOf } from '../common/actor.js';
import { keyEnvironment } from '../common/key-environment.js';
import { knownId } from '../common/ids.js';
import { once } from '../common/idempotency.js';
import { Refusals } from '../common/refusals.js';
import type { Caller } from '../common/request.js';
import { Settings } from '../env.js';
import { exceeds } from './exceeds.js';

@Injectable()
export class ApiKeysService {
  constructor(
    private readonly database: Database,
    private readonly refusals: Refusals,
    private readonly settings: Settings,
  ) {}

  async create(caller: Caller, request: CreateApiKey): Promise<CreatedApiKey> {
    if (exceeds(request, caller))
      throw await this.refusals.forbidden(caller, 'POST /v1/api-keys', 'A key may do no more than its creator');
    let shownOnce: string | undefined;
    const { body } = await once(
      this.database,
      caller,
      { route: 'POST /v1/api-keys', body: request, keepFor: 'day' },
      async (tx) => {
        const { name, role, scopes, expiresAt } = request;
        const env = keyEnvironment(this.settings);
        const { row, key } = await createApiKey(tx, {
          orgId: caller.orgId,
          name,
          role,
          scopes,
          env,
          ...(expiresAt === undefined ? {} : { expiresAt }),
        });
        await audit(tx, { ...actorOf(caller), action: 'api_key.created', target: row.id, outcome: 'ok' });
        shownOnce = key;
        return { status: 201, body: { ...row, keyShown: true as const } };
      },
    );
    if (shownOnce === undefined) return body;
    const { keyShown: _, ...row } = body;
    return { ...row, key: shownOnce };
  }

  async list({ orgId }: Caller, page: PageQuery): Promise<Page<ApiKey>> {
    return this.database.inOrg(orgId, (tx) => listApiKeys(tx, page));
  }

  async revoke(caller: Caller, id: string): Promise<void> {
    knownId(id, 'api_key.not_found');
    await this.database.inOrg(caller.orgId, async (tx) => {
      await revokeApiKey(tx, id);
      await audit(tx, { ...actorOf(caller), action: 'api_key.revoked', target: id, outcome: 'ok' });
    });
  }
}
