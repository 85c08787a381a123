import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeChild } from '../../apps/cli/up/node-child.js';
import { ownerUrlOf } from '../../apps/cli/up/owner-url.js';
import type { AcceptedRun } from '../../contracts/runs.js';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import { DEFAULT_ORGANISATION } from '../../database/organisations.repository.js';
import { environmentBeside, startBeside } from '../support/beside.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { asOwner } from '../support/postgres.js';
import { until } from '../support/until.js';

jest.setTimeout(240_000);

const MANY = 120;
const SHARED = 40;
const PATIENCE_MS = 120_000;
/** Of a worker; its heartbeats are silent for so long. */
const STALL_MS = 3_000;

describe('workers with calls in hand', () => {
  let agent: CountingAgent;
  let brikk: LaunchedBrikk;
  let second: NodeChild;
  let client: Client;
  let answer: () => void = () => undefined;
  let answered = Promise.resolve();

  beforeAll(async () => {
    agent = await CountingAgent.listen(0, async (input) => {
      await answered;
      return input;
    });
    brikk = await LaunchedBrikk.up();
    const connection = await Connection.connect({ address: (await brikk.status()).temporal.address });
    client = new Client({ connection, namespace: 'brikk' });
    await brikk.register('thinker', 'think', agent.url, { maxConcurrency: 10_000 });
  }, 120_000);
  afterAll(async () => {
    answer();
    await second?.stop();
    await client?.connection.close();
    await brikk?.down();
    await agent?.close();
  }, 60_000);

  async function start(calls: number): Promise<AcceptedRun[]> {
    agent.askedAt.clear();
    answered = new Promise((resolve) => (answer = resolve));
    const run = { pattern: 'agent', with: { capability: 'think', timeout: { attempt: 'PT5M' } } };
    const runs = await Promise.all(Array.from({ length: calls }, (_, n) => brikk.start({ ...run, input: { n } })));
    await agent.reached(calls, PATIENCE_MS);
    return runs;
  }
  /** Starts them over two workers; resolves when each has on record what it has in hand, with how many the second has. */
  async function startOverTwo(): Promise<{ runs: AcceptedRun[]; held: number }> {
    const runs = await start(SHARED);
    let counts: number[] = [];
    await until(async () => {
      counts = await countsByAge();
      return counts.length === 2 && counts[0]! + counts[1]! === SHARED;
    }, PATIENCE_MS);
    expect(counts[1]).toBeGreaterThan(0);
    return { runs, held: counts[1]! };
  }
  /** Activities on record, of the older worker first. */
  const countsByAge = () =>
    asOwner(ownerUrlOf(brikk.home)!, async (owner) => {
      const { rows } = await owner.query<{ count: number }>(
        `SELECT count(a.id)::int FROM worker w LEFT JOIN worker_activity a ON a.worker_id = w.id
         GROUP BY w.id ORDER BY w.id`,
      );
      return rows.map(({ count }) => count);
    });
  const complete = async (runs: AcceptedRun[]) => {
    answer();
    for (const { id } of runs) expect(await brikk.finished(id)).toMatchObject({ status: 'completed' });
  };
  const askedTwice = () => [...agent.askedAt.values()].filter((times) => times.length > 1);

  /** Why the engine made the calls of a run again. */
  const failuresOf = async ({ id: runId }: AcceptedRun) => {
    const workflowId = runWorkflowId({ orgId: DEFAULT_ORGANISATION.id, runId });
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) =>
      started?.lastFailure ? [started.lastFailure.applicationFailureInfo?.type ?? started.lastFailure.message] : [],
    );
  };

  it('are more than a hundred in one worker at the same time', async () => {
    await complete(await start(MANY));
    expect(askedTwice()).toEqual([]);
  });

  it('stay with a worker that stalls', async () => {
    second = await startBeside(brikk, { name: 'second worker', app: 'worker', env: await environmentBeside(brikk) });
    const { runs } = await startOverTwo();
    process.kill(second.pid, 'SIGSTOP');
    await sleep(STALL_MS);
    process.kill(second.pid, 'SIGCONT');
    await complete(runs);
    expect(askedTwice()).toEqual([]);
  });

  it('go from a worker that dies to the other by its lease, and no others do', async () => {
    const { runs, held } = await startOverTwo();
    process.kill(second.pid, 'SIGKILL');
    await agent.reached(SHARED + held, PATIENCE_MS);
    await complete(runs);
    expect(askedTwice()).toHaveLength(held);
    expect((await Promise.all(runs.map(failuresOf))).flat()).toEqual(Array.from({ length: held }, () => 'worker.lost'));
  });
});
