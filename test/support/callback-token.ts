import { CallbackKeys } from '../../database/callback-keys.js';
import { signCallbackToken } from '../../database/callback-token.js';
import type { Database } from '../../database/database.js';
import { uuidv7 } from '../../database/uuid.js';
import { keyless } from './vaults.js';

/** What an agent that a call of this run was sent to may answer by. */
export async function callbackToken(database: Database, orgId: string, runId: string): Promise<string> {
  const key = await new CallbackKeys(database, keyless).make(orgId);
  const sentAt = Date.now();
  const attempt = { orgId, runId, callKey: 'call', attempt: 1, instanceId: uuidv7(), kind: 'task' as const };
  return signCallbackToken(key!, { ...attempt, sentAt, expiresAt: sentAt + 60_000 });
}
