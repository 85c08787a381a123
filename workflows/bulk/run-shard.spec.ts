import { expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createBulkActivities } from '../../activities/bulk.activities.js';
import type { BulkShardInput } from '../../contracts/run-workflow.js';
import type { BulkCounts, TerminalStatus } from '../../contracts/runs.js';
import { ScriptedAgents } from '../../test/support/scripted-agents.js';
import { withWorker } from '../../test/support/temporal.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(60_000);

it('goes on counting pauses where the workflow before it had stopped, so that each has its event', async () => {
  const agents = new ScriptedAgents((_, input) => ({ output: input }));
  const counts = { total: 1, completed: 1 } as BulkCounts;
  const activities = {
    ...agents.activities(),
    ...createBulkActivities({
      exchangeItems: async ({ limit }) => ({ taken: limit > 0 ? [{ index: 0, input: { inline: 1 } }] : [], counts }),
      closeItems: async () => counts,
    }),
  };
  await withWorker({ activities }, async ({ client, taskQueue }) => {
    const input: BulkShardInput = {
      orgId: 'org-1',
      runId: randomUUID(),
      pattern: 'agent',
      with: { capability: 'echo', onFailure: 'fail' },
      input: { inline: null },
      deadlineAt: Date.now() + 60_000,
      priority: 'normal',
      resumed: false,
      bulkRunId: randomUUID(),
      shard: 0,
      first: 0,
      items: 1,
      maxConcurrency: 1,
      next: 0,
      paused: true,
      shown: { pauses: 3, waits: 2 },
    };
    const options = { taskQueue, workflowId: randomUUID(), args: [input] as [BulkShardInput] };
    const handle = await client.workflow.start<(given: BulkShardInput) => Promise<TerminalStatus>>(
      'bulkShard',
      options,
    );
    await until(() => agents.events.some(({ type }) => type === 'run.paused'));
    await handle.signal('resume');
    expect(await handle.result()).toBe('completed');
    const keys = agents.events.flatMap(({ type, key }) => (/paused|resumed/.test(type) ? [key] : []));
    expect(keys).toEqual(['pause/4', 'resume/4']);
  });
});
