import { expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { MemoryActivities } from '../../contracts/memory-activities.js';
import { ScriptedAgents } from '../../test/support/scripted-agents.js';
import { withWorker } from '../../test/support/temporal.js';

jest.setTimeout(60_000);

it('names entries, and writes by the place that makes them, so that a repeat is known', async () => {
  const asked: Record<string, unknown>[] = [];
  const agents = new ScriptedAgents(() => ({ output: null }));
  const noting = <Name extends keyof MemoryActivities>(name: Name) => ({
    [name]: (request: Parameters<MemoryActivities[Name]>[0]) => {
      asked.push({ name, ...request });
      return (agents[name] as (request: unknown) => unknown)(request);
    },
  });
  const activities = {
    ...agents.activities(),
    ...noting('memoryGet'),
    ...noting('memoryPut'),
    ...noting('memoryAppend'),
    ...noting('memorySearch'),
  };
  const workflows = fileURLToPath(new URL('../../test/support/remember.workflow.ts', import.meta.url));
  await withWorker({ activities, workflows }, async ({ client, taskQueue }) => {
    const run = { orgId: 'o', runId: 'r' };
    const got = await client.workflow.execute('remember', { taskQueue, workflowId: randomUUID(), args: [run] });
    expect(got).toEqual([
      { written: true, version: 1 },
      { written: false, reason: 'conflict', message: 'its version is 1' },
      { value: { inline: 1 }, version: 1 },
      { written: true, version: 1 },
      null,
      [],
      [],
      [],
    ]);
    const own = { ...run, scope: 'run', scopeId: 'r', key: 'note' };
    const log = { ...run, scope: 'session', scopeId: 's', key: 'log' };
    expect(asked).toEqual([
      { name: 'memoryPut', ...own, operation: 'steps/a/first', value: { inline: 1 }, ifVersion: 0, ttlMs: 1_000 },
      { name: 'memoryPut', ...own, operation: 'steps/a/second', value: { inline: 2 }, ifVersion: 0 },
      { name: 'memoryGet', ...own },
      { name: 'memoryAppend', ...log, operation: 'steps/a/third', item: { inline: 'x' }, maxItems: 5 },
      { name: 'memoryGet', ...run, scope: 'organisation', scopeId: '', key: 'nothing' },
      { name: 'memorySearch', ...run, query: 'words', limit: 3 },
      { name: 'memorySearch', ...run, query: 'words', limit: 3, scope: 'organisation', prefix: 'a.' },
      { name: 'memorySearch', ...run, query: 'words', limit: 3, scope: 'run', scopeId: 'r' },
    ]);
  });
});
