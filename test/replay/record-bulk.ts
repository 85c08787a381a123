import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { createBulkActivities } from '../../activities/bulk.activities.js';
import { bulkRecord } from '../../apps/worker/record.js';
import { type BulkInput, runWorkflowId } from '../../contracts/run-workflow.js';
import type { Database } from '../../database/database.js';
import { finishRun } from '../../database/finish-run.js';
import { listItems } from '../../database/load-bulk.js';
import { uuidv7 } from '../../database/uuid.js';
import { acceptedBulk, acceptedBulkOf } from '../support/bulks.js';
import { definitionOf } from '../support/interpreted.js';
import { withDatabase } from '../support/postgres.js';
import { scriptedLanguage } from '../support/scripted-language.js';
import { ScriptedAgents } from '../support/scripted-agents.js';
import { withWorker } from '../support/temporal.js';

const BODY = {
  pattern: 'sequential',
  with: { steps: ['a', 'b'].map((name) => ({ name, capability: 'echo' })) },
  maxConcurrency: 2,
};

/** Under a budget that the second call of an item does not fit: a shard tells the bulk run, which asks nobody. */
const UNDER_BUDGET = { ...BODY, budget: { calls: 3, wallClock: 'PT1H' } };

/** Each item asks an agent, and one raises an error. */
const WORKFLOW = definitionOf([
  { check: { if: '. == 2', raise: { error: { type: 'https://example.com/two', status: 400 } } } },
  { ask: { call: 'agent', with: { capability: 'echo', input: '${ . }' } } },
]);

/**
 * Writes the histories of a bulk run with an item that fails, of one whose budget is used up, of one of a workflow, and
 * of their shards.
 */
export async function recordBulk(folder: string, names?: string[]): Promise<void> {
  const home = await withDatabase();
  const { database } = home;
  const inputs = [1, 2, 3, 4];
  for (const [name, accept] of [
    ['bulk', () => acceptedBulk(database, uuidv7(), inputs, BODY)],
    ['bulk-budget', () => acceptedBulk(database, uuidv7(), inputs, UNDER_BUDGET)],
    ['bulk-workflow', () => acceptedBulkOf(database, uuidv7(), WORKFLOW, inputs, 2)],
  ] as const) {
    if (names && !names.includes(name)) continue;
    const agents = new ScriptedAgents((call, input) => {
      if (call.budget && call.key === 'items/2/steps/b')
        return { fail: 'agent.budget', budget: { place: '/', limit: 'calls' } };
      return call.key === 'items/1/steps/a' ? { fail: 'agent.permanent' } : { output: input };
    });
    const activities = {
      ...agents.activities(),
      ...scriptedLanguage(),
      ...createBulkActivities(bulkRecord(database)),
      // How an item that is a run ended is read where it wrote it.
      finishRun: (end: Parameters<typeof finishRun>[1]) => finishRun(database, end),
    };
    await withWorker({ activities }, async ({ client, taskQueue }) => {
      const bulk = await accept();
      const handle = await client.workflow.start('bulk', { args: [bulk], workflowId: runWorkflowId(bulk), taskQueue });
      await handle.result();
      const shard = client.workflow.getHandle(runWorkflowId({ ...bulk, runId: bulk.shards[0]!.runId }));
      const item = await itemRun(database, bulk);
      for (const [file, one] of [
        [name, handle],
        [`${name}-shard`, shard],
        ...(item === undefined
          ? []
          : [[`${name}-item`, client.workflow.getHandle(runWorkflowId({ ...bulk, runId: item }))] as const]),
      ] as const)
        await writeFile(path.join(folder, `${file}.json`), `${historyToJSON(await one.fetchHistory())}\n`);
    });
  }
  await home.close();
}

/** The first item, where it is a run. */
async function itemRun(database: Database, { orgId, runId, shards }: BulkInput): Promise<string | undefined> {
  const [first] = (await database.inOrg(orgId, (tx) => listItems(tx, runId, { limit: 1 }))).items;
  return first && first.runId !== shards[0]?.runId ? first.runId : undefined;
}
