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

/** Under a budget that the second call of an item does not fit: a shard tells the bulk run, which asks nobody. */
const UNDER_BUDGET = { ...BODY, budget: { calls: 3, wallClock: 'PT1H' } };

/** Writes the histories of a bulk run with an item that fails, of one whose budget is used up, and of their shards. */
export async function recordBulk(folder: string, names?: string[]): Promise<void> {
  const home = await withDatabase();
  const { database } = home;
  for (const [name, body] of [
    ['bulk', BODY],
    ['bulk-budget', UNDER_BUDGET],
  ] as const) {
    if (names && !names.includes(name)) continue;
    const agents = new ScriptedAgents((call, input) => {
      if (call.budget && call.key === 'items/2/steps/b')
        return { fail: 'agent.budget', budget: { place: '/', limit: 'calls' } };
      return call.key === 'items/1/steps/a' ? { fail: 'agent.permanent' } : { output: input };
    });
    const activities = { ...agents.activities(), ...createBulkActivities(bulkRecord(database)) };
    await withWorker({ activities }, async ({ client, taskQueue }) => {
      const bulk = await acceptedBulk(database, uuidv7(), [1, 2, 3, 4], body);
      const handle = await client.workflow.start('bulk', { args: [bulk], workflowId: runWorkflowId(bulk), taskQueue });
      await handle.result();
      const shard = client.workflow.getHandle(runWorkflowId({ ...bulk, runId: bulk.shards[0]!.runId }));
      for (const [file, one] of [
        [name, handle],
        [`${name}-shard`, shard],
      ] as const)
        await writeFile(path.join(folder, `${file}.json`), `${historyToJSON(await one.fetchHistory())}\n`);
    });
  }
  await home.close();
}
