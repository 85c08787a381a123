import type { SecretReader, SecretUse } from '../../activities/dependencies.js';
import { audit } from '../../database/audit.repository.js';
import type { Database } from '../../database/database.js';
import { openSecrets } from '../../database/secrets.repository.js';
import type { Vault } from '../../database/vault.js';

/** Secrets as the activities read them: each reading is an entry of the audit chain, in the same transaction. */
export function secretReader(database: Database, vault: Vault): SecretReader {
  return {
    open: (use, names) =>
      database.inOrg(use.orgId, async (tx) => {
        const opened = await openSecrets(tx, vault, use.orgId, names);
        for (const name of opened.keys())
          await audit(tx, { ...readerOf(use), action: 'secret.used', target: name, outcome: 'ok' });
        return opened;
      }),
  };
}

function readerOf(use: SecretUse) {
  const { orgId } = use;
  if ('runId' in use)
    return { orgId, actor: { type: 'run' as const, id: use.runId, via: use.path }, requestId: use.runId };
  const { type, id, requestId } = use.by;
  return { orgId, actor: { type, id, via: 'discovery' }, requestId };
}
