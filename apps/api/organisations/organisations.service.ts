import { Injectable } from '@nestjs/common';
import type { CreatedOrganisation, CreateOrganisation, Organisation } from '../../../contracts/organisations.js';
import { createApiKey } from '../../../database/api-keys.repository.js';
import { audit } from '../../../database/audit.repository.js';
import { Database, type Tx } from '../../../database/database.js';
import { createOrganisation, findOrganisation } from '../../../database/organisations.repository.js';
import { asOrg } from '../../../database/sql.js';
import { actorOf } from '../common/actor.js';
import { keyEnvironment } from '../common/key-environment.js';
import { once } from '../common/idempotency.js';
import type { Caller } from '../common/request.js';
import { Settings } from '../env.js';

@Injectable()
export class OrganisationsService {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  async create(caller: Caller, request: CreateOrganisation): Promise<CreatedOrganisation> {
    let shownOnce: string | undefined;
    const { body } = await once(
      this.database,
      caller,
      { route: 'POST /v1/organisations', body: request, keepFor: 'day' },
      async (tx) => {
        const organisation = await createOrganisation(tx, request.name);
        shownOnce = await this.createOwnerKey(tx, organisation.id, caller);
        await audit(tx, { ...actorOf(caller), action: 'organisation.created', target: organisation.id, outcome: 'ok' });
        return { status: 201, body: { ...organisation, keyShown: true as const } };
      },
    );
    if (shownOnce === undefined) return body;
    const { keyShown: _, ...organisation } = body;
    return { ...organisation, key: shownOnce };
  }

  async current({ orgId }: Caller): Promise<Organisation> {
    return this.database.inOrg(orgId, (tx) => findOrganisation(tx, orgId));
  }

  private async createOwnerKey(outer: Tx, orgId: string, caller: Caller): Promise<string> {
    return asOrg(outer, orgId, async (tx) => {
      const env = keyEnvironment(this.settings);
      const made = await createApiKey(tx, { orgId, name: 'owner', role: 'owner', scopes: [], env });
      const entry = {
        ...actorOf(caller),
        orgId,
        action: 'api_key.created',
        target: made.row.id,
        outcome: 'ok' as const,
      };
      await audit(tx, entry);
      return made.key;
    });
  }
}
