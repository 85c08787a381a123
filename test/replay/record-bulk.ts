import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { createBulkActivities } from '../../activities/bulk.activities.js';
import { bulkRecord } from '../../apps/worker/record.js';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import { uuidv7 } from '../../database/uuid.js';
import { acceptedBulk } from '../support/bulks.js';
import { withDatabase } from '../support/postgres.js';
import { ScriptedAgents } from '../support/scripted-agents.js';
import { withWorker } from '../support/temporal.js';

const BODY = {
  pattern: 'sequential',
  with: { steps: ['a', 'b'].map((name) => ({ name, capability: 'echo' })) },
  maxConcurrency: 2,
};

/** Writes the histories of a bulk run with an item that fails, and of its one shard. */
export async function recordBulk(folder: string): Promise<void> {
  const home = await withDatabase();
  const { database } = home;
  const agents = new ScriptedAgents((call, input) =>
    call.key === 'items/1/steps/a' ? { fail: 'agent.permanent' } : { output: input },
  );
  const activities = { ...agents.activities(), ...createBulkActivities(bulkRecord(database)) };
  await withWorker({ activities, fresh: true }, async ({ client, taskQueue }) => {
    const bulk = await acceptedBulk(database, uuidv7(), [1, 2, 3, 4], BODY);
    const handle = await client.workflow.start('bulk', { args: [bulk], workflowId: runWorkflowId(bulk), taskQueue });
    await handle.result();
    const shard = client.workflow.getHandle(runWorkflowId({ ...bulk, runId: bulk.shards[0]!.runId }));
    for (const [name, one] of [
      ['bulk', handle],
      ['bulk-shard', shard],
    ] as const)
      await writeFile(path.join(folder, `${name}.json`), `${historyToJSON(await one.fetchHistory())}\n`);
  });
  await home.close();
}
