import { startRunSchema } from '../../contracts/runs.js';
import type { Database } from '../../database/database.js';
import type { JournalEntry } from '../../database/run-records.js';
import { acceptRun } from '../../database/runs.repository.js';
import { uuidv7 } from '../../database/uuid.js';

/** An accepted run of one agent call. */
export async function acceptedRun(database: Database, orgId: string, id = uuidv7()): Promise<string> {
  const start = startRunSchema.parse({
    pattern: 'agent',
    with: { capability: 'triage' },
    input: { n: 1 },
    labels: { team: 'ops' },
  });
  await database.inOrg(orgId, (tx) =>
    acceptRun(tx, { id, orgId, start, definitionHash: 'hash', deadlineAt: Date.now() + 60_000 }),
  );
  return id;
}

/** A completed call with one line of output. */
export const finishedCall = (key: string, output = 'done'): JournalEntry => ({
  key,
  path: `/${key}`,
  status: 'completed',
  output: { inline: output },
  agentId: null,
  agent: 'triage',
  version: '1.0.0',
  instanceId: null,
  attempts: 1,
  usage: { inputTokens: 2, costUsd: 0.5 },
  queueMs: 1,
  execMs: 2,
  startedAt: new Date(),
});
