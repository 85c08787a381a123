import type { Database } from '../../database/database.js';
import { keepA2aTask } from '../../database/a2a-tasks.repository.js';
import { finishRun } from '../../database/finish-run.js';
import { acceptedRun } from './runs.js';

/** A run that an A2A client has started. */
export async function acceptedTask(database: Database, orgId: string): Promise<string> {
  const runId = await acceptedRun(database, orgId);
  const kept = { runId, orgId, contextId: 'c', skill: 'capability.triage', message: { messageId: 'm' } };
  await database.inOrg(orgId, (tx) => keepA2aTask(tx, kept));
  return runId;
}

/** One that has ended: nobody follows it for long. */
export async function endedTask(database: Database, orgId: string): Promise<string> {
  const runId = await acceptedTask(database, orgId);
  const end = { status: 'completed', terminationReason: 'done', degraded: false, rounds: 0 } as const;
  await finishRun(database, { ...end, orgId, runId, output: { inline: null }, events: [], warnings: [] });
  return runId;
}
