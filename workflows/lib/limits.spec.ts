import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import type { Json } from '../../contracts/json.js';
import type { CallBatch, CallOutcome } from '../../contracts/run-workflow.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import { startRun } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import * as limits from './limits.js';

jest.setTimeout(120_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
const inFlight = { calls: 0, activities: 0, mostCalls: 0, mostActivities: 0 };
const HOLD_MS = 60;

beforeAll(async () => {
  worker = await startWorker({
    activities: {
      ...scriptedActivities(() => agents),
      async callAgents(batch: CallBatch): Promise<CallOutcome[]> {
        inFlight.calls += batch.calls.length;
        inFlight.activities += 1;
        inFlight.mostCalls = Math.max(inFlight.mostCalls, inFlight.calls);
        inFlight.mostActivities = Math.max(inFlight.mostActivities, inFlight.activities);
        await wait(HOLD_MS);
        inFlight.calls -= batch.calls.length;
        inFlight.activities -= 1;
        return agents.callAgents(batch);
      },
    },
  });
});
afterAll(() => worker.stop());

async function fan(
  items: Json[],
  params: Record<string, Json> = {},
  script: Script = (_, input) => ({ output: input }),
) {
  agents = new ScriptedAgents(script);
  Object.assign(inFlight, { calls: 0, activities: 0, mostCalls: 0, mostActivities: 0 });
  const handle = await startRun(
    worker,
    'concurrent',
    { items: '${ . }', branch: { capability: 'echo' }, ...params },
    items,
  );
  return { status: await handle.result(), history: await handle.fetchHistory() };
}

describe('one run', () => {
  it('has at most 1,000 calls in flight and makes them all', async () => {
    const { status } = await fan(Array.from({ length: 2_300 }, (_, index) => index));
    expect(status).toBe('completed');
    expect(inFlight.mostCalls).toBeLessThanOrEqual(limits.MAX_CALLS);
    expect(inFlight.mostCalls).toBeGreaterThan(limits.MAX_CALLS / 2);
    expect(new Set(agents.keys).size).toBe(2_300);
    expect(agents.keys).toHaveLength(2_300);
  });

  it('has at most 100 activities in flight, also for calls that are awaited one by one', async () => {
    const { status } = await fan(
      Array.from({ length: 400 }, (_, index) => index),
      { maxInFlight: 400 },
    );
    expect(status).toBe('completed');
    expect(inFlight.mostActivities).toBeLessThanOrEqual(limits.MAX_ACTIVITIES);
    expect(agents.keys).toHaveLength(400);
  });

  it('sends at most 3 MiB with one workflow task, in batches of at most 128 KiB', async () => {
    const text = 'x'.repeat(25_000);
    const template = { branch: { capability: 'echo', input: `${text}\${ . }` } };
    const items = Array.from({ length: 140 }, (_, index) => index);
    const { status, history } = await fan(items, template, () => ({ output: 1 }));
    expect(status).toBe('completed');
    const sizes = agents.batches.map((batch) => JSON.stringify(batch).length);
    expect(Math.max(...sizes)).toBeLessThan(limits.BATCH_BYTES + 1_024);
    const ofTask = new Map<string, number>();
    for (const { activityTaskScheduledEventAttributes: sent } of history.events ?? []) {
      if (!sent) continue;
      const task = String(sent.workflowTaskCompletedEventId);
      const bytes = sent.input?.payloads?.reduce((sum, { data }) => sum + (data?.length ?? 0), 0) ?? 0;
      ofTask.set(task, (ofTask.get(task) ?? 0) + bytes);
    }
    expect(Math.max(...ofTask.values())).toBeLessThanOrEqual(limits.TASK_BYTES);
    expect(ofTask.size).toBeGreaterThan(1);
  });
});
