import type { TaskList } from '../../contracts/definition-tasks.js';
import { startRunSchema } from '../../contracts/runs.js';
import type { StartWorkflow } from '../../contracts/start-run.js';
import type { Database } from '../../database/database.js';
import { publishEvents } from '../../database/event-bus.repository.js';
import { RunEventWriter } from '../../database/run-events.js';
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

/** An accepted run of a definition of these tasks. */
export async function listeningRun(
  database: Database,
  orgId: string,
  tasks: TaskList,
  { name = 'listening' }: { name?: string } = {},
): Promise<string> {
  const id = uuidv7();
  const document = { dsl: '1.0.3', namespace: 'test', name, version: '1.0.0' };
  const { labels, priority, deadlineMs } = startRunSchema.parse({ pattern: 'agent', with: { capability: 'x' } });
  const start: StartWorkflow = {
    pattern: 'workflow',
    with: { definition: { document, do: tasks }, hash: 'hash', interpreter: 1 },
    input: null,
    labels,
    priority,
    deadlineMs,
  };
  await database.inOrg(orgId, (tx) =>
    acceptRun(tx, { id, orgId, start, definitionHash: 'hash', deadlineAt: Date.now() + 60_000 }),
  );
  return id;
}

/** An event of the bus on its way to a run, and one that a run sends. */
export async function sentEvents(database: Database, orgId: string): Promise<void> {
  const runId = await listeningRun(database, orgId, [{ hear: { listen: { to: { any: [] } } } }]);
  const event = { id: '1', specversion: '1.0', source: '/s', type: 't' };
  await database.inOrg(orgId, (tx) => publishEvents(tx, orgId, [{ event }]));
  const data = { path: '/do/0/tell', id: '2', type: 't', source: '/s' };
  await new RunEventWriter(database).append(orgId, runId, [{ key: 'event/do/0/tell', type: 'event.emitted', data }]);
}
