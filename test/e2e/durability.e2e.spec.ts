import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AcceptedRun, Run } from '../../contracts/runs.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';

jest.setTimeout(300_000);

const addOne = (input: unknown) => ({ n: (input as { n: number }).n + 1 });
const steps = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `step-${index}`, capability: 'add-one' }));

describe('the death of any process', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(100, addOne);
    await brikk.register('adder', 'add-one', agent.url, { maxConcurrency: 1_000 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  it('leaves a run of 40 steps with its exact result, no journaled call repeated, and a stream without gaps', async () => {
    const before = await brikk.status();
    const { id } = await brikk.start({ pattern: 'sequential', with: { steps: steps(40) }, input: { n: 0 } });

    const kills: (() => Promise<number>)[] = [
      async () => before.workers[0]!.pid,
      () => newWorker(brikk),
      async () => before.temporal.pid,
      async () => before.postgres.pid,
      async () => before.api.pid,
    ];
    let seen = 5;
    for (const victim of kills) {
      await agent.reached(seen);
      process.kill(await victim(), 'SIGKILL');
      seen = agent.calls + 2;
    }

    const run = await brikk.finished(id, 240_000);
    expect(run).toMatchObject({ status: 'completed', output: { n: 40 } });

    const events = await brikk.events(id);
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
    expect(events[0]?.type).toBe('run.accepted');
    expect(events.at(-1)?.type).toBe('run.finished');

    const finishedAt = new Map(
      events.flatMap((event) => (event.type === 'call.finished' ? [[event.data.callKey, Date.parse(event.at)]] : [])),
    );
    expect(finishedAt.size).toBe(40);
    const repeatedAfterJournal = [...agent.askedAt].filter(([key, times]) => {
      const callKey = [...finishedAt.keys()].find((candidate) => key.endsWith(candidate));
      return times.length > 1 && Math.max(...times) > (finishedAt.get(callKey ?? '') ?? 0);
    });
    expect(repeatedAfterJournal).toEqual([]);
    expect(agent.calls).toBeLessThanOrEqual(40 + kills.length);
  });

  it('starts a run that was accepted while Temporal did not answer', async () => {
    const { temporal } = await brikk.status();
    process.kill(temporal.pid, 'SIGSTOP');
    const accepted = await brikk.start({ pattern: 'sequential', with: { steps: steps(2) }, input: { n: 0 } });
    expect(accepted.status).toBe('accepted');
    process.kill(temporal.pid, 'SIGCONT');
    expect(await brikk.finished(accepted.id)).toMatchObject({ status: 'completed', output: { n: 2 } });
  });

  it('completes 1,000 runs accepted at once', async () => {
    const accepted: AcceptedRun[] = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) =>
        brikk.start({ pattern: 'agent', with: { capability: 'add-one' }, input: { n }, labels: { batch: 'thousand' } }),
      ),
    );
    const runs: Run[] = [];
    for (const { id } of accepted) runs.push(await brikk.finished(id, 240_000));
    expect(runs.map(({ output }) => output)).toEqual(runs.map((_, n) => ({ n: n + 1 })));
  });
});

/** The pid of the worker that took the place of the one just killed, as soon as it is there. */
async function newWorker(brikk: LaunchedBrikk): Promise<number> {
  for (;;) {
    const pid = (await brikk.status()).workers[0]?.pid;
    if (pid !== undefined && isAlive(pid)) return pid;
    await sleep(20);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
