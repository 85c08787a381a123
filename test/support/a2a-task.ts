import type { Database } from '../../database/database.js';
import { keepA2aTask } from '../../database/a2a-tasks.repository.js';
import { putPushTarget } from '../../database/a2a-push.repository.js';
import { Vault } from '../../database/vault.js';
import { finishRun } from '../../database/finish-run.js';
import { acceptedRun } from './runs.js';

/** A run that an A2A client has started. */
export async function acceptedTask(database: Database, orgId: string): Promise<string> {
  const runId = await acceptedRun(database, orgId);
  const kept = { runId, orgId, contextId: 'c', skill: 'capability.triage', message: { messageId: 'm' } };
  await database.inOrg(orgId, (tx) => keepA2aTask(tx, kept));
  return runId;
}

/** Somebody wants push notifications `known` of the task. */
export async function pushed(database: Database, orgId: string, runId: string): Promise<void> {
  const target = { id: 'known', url: 'http://127.0.0.1:9/' };
  await database.inOrg(orgId, (tx) => putPushTarget(tx, new Vault(undefined), orgId, runId, target));
}

/** One that has ended: nobody follows it for long. */
export async function endedTask(database: Database, orgId: string): Promise<string> {
  const runId = await acceptedTask(database, orgId);
  await pushed(database, orgId, runId);
  const end = { status: 'completed', terminationReason: 'done', degraded: false, rounds: 0 } as const;
  await finishRun(database, { ...end, orgId, runId, output: { inline: null }, events: [], warnings: [] });
  return runId;
}
