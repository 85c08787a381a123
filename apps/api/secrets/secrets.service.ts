import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { nameSchema } from '../../../contracts/json.js';
import type { PageQuery } from '../../../contracts/lists.js';
import type { PutSecret } from '../../../contracts/secrets.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import { deleteSecret, listSecrets, putSecret } from '../../../database/secrets.repository.js';
import { Vault } from '../../../database/vault.js';
import { actorOf } from '../common/actor.js';
import { Reply } from '../common/reply.js';
import type { Caller } from '../common/request.js';

@Injectable()
export class SecretsService {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  async list({ orgId }: Caller, query: PageQuery) {
    return this.database.inOrg(orgId, (tx) => listSecrets(tx, query));
  }

  async put(caller: Caller, name: string, secret: PutSecret) {
    checkName(name);
    const { orgId, keyId } = caller;
    const kept = await this.database.inOrg(orgId, async (tx) => {
      const by = { type: 'api-key' as const, id: keyId };
      const summary = await putSecret(tx, this.vault, { orgId, name, by }, secret);
      await audit(tx, {
        ...actorOf(caller),
        action: 'secret.put',
        target: name,
        outcome: 'ok',
        changedFields: ['value'],
      });
      return summary;
    });
    return new Reply(kept.version === 1 ? 201 : 200, kept);
  }

  async remove(caller: Caller, name: string): Promise<void> {
    checkName(name);
    await this.database.inOrg(caller.orgId, async (tx) => {
      await deleteSecret(tx, name);
      await audit(tx, { ...actorOf(caller), action: 'secret.deleted', target: name, outcome: 'ok' });
    });
  }
}

function checkName(name: string): void {
  const { error } = nameSchema.safeParse(name);
  if (!error) return;
  throw new BrikkError('request.invalid', 'No secret can have this name', {
    violations: [{ path: 'name', message: error.issues[0]?.message ?? 'is no name' }],
  });
}
