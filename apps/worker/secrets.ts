import type { SecretReader } from '../../activities/dependencies.js';
import { audit } from '../../database/audit.repository.js';
import type { Database } from '../../database/database.js';
import { openSecrets } from '../../database/secrets.repository.js';
import type { Vault } from '../../database/vault.js';

/** Secrets as the activities read them: each reading is an entry of the audit chain, in the same transaction. */
export function secretReader(database: Database, vault: Vault): SecretReader {
  return {
    open: ({ orgId, runId, path }, names) =>
      database.inOrg(orgId, async (tx) => {
        const opened = await openSecrets(tx, vault, orgId, names);
        const actor = { type: 'run' as const, id: runId, via: path };
        for (const name of opened.keys())
          await audit(tx, { orgId, actor, action: 'secret.used', target: name, outcome: 'ok', requestId: runId });
        return opened;
      }),
  };
}
