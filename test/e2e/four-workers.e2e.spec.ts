import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { NodeChild } from '../../apps/cli/up/node-child.js';
import { ownerUrlOf } from '../../apps/cli/up/owner-url.js';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import { DEFAULT_ORGANISATION } from '../../database/organisations.repository.js';
import { Load } from '../faults/load.js';
import { OutsideWorld } from '../faults/outside-world.js';
import { environmentBeside, startBeside } from '../support/beside.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

jest.setTimeout(480_000);

const PATIENCE_MS = 120_000;
/** Runs whose histories are read at a time. */
const NEWEST = 20;

let world: OutsideWorld;
let brikk: LaunchedBrikk;
let client: Client;
let secondUrl: string;
/** Beside the two workers and the API of the launcher; nobody starts them again. */
const beside: Record<'api' | 'third' | 'fourth', NodeChild | undefined> = {
  api: undefined,
  third: undefined,
  fourth: undefined,
};

beforeAll(async () => {
  world = await OutsideWorld.open();
  brikk = await LaunchedBrikk.up(['--no-samples', '--workers', '2']);
  const env = await environmentBeside(brikk);
  const port = await freePort();
  secondUrl = `http://127.0.0.1:${port}`;
  const apiEnv = { ...env, BRIKK_PORT: String(port), BRIKK_API_URL: secondUrl };
  beside.api = await startBeside(brikk, { name: 'second api', app: 'api', env: apiEnv });
  for (const name of ['third', 'fourth'] as const)
    beside[name] = await startBeside(brikk, { name: `${name} worker`, app: 'worker', env });
  await world.introduceTo(brikk);
  const connection = await Connection.connect({ address: (await brikk.status()).temporal.address });
  client = new Client({ connection, namespace: 'brikk' });
}, 240_000);
afterAll(async () => {
  await client?.connection.close();
  await Promise.all(Object.values(beside).map(async (process) => process?.stop()));
  await brikk?.down();
  await world?.close();
}, 60_000);

/** Process ids of the workers that the engine gave a task of these runs to. */
async function workersOf(runs: readonly { id: string }[]): Promise<Set<number>> {
  const identities = await Promise.all(
    runs.map(async ({ id: runId }) => {
      const handle = client.workflow.getHandle(runWorkflowId({ orgId: DEFAULT_ORGANISATION.id, runId }));
      const { events } = await handle.fetchHistory().catch(() => ({ events: [] })); // The sweeper has yet to start it.
      return (events ?? []).map(
        ({ workflowTaskCompletedEventAttributes: decided, activityTaskStartedEventAttributes: began }) =>
          decided?.identity ?? began?.identity ?? '',
      );
    }),
  );
  return new Set(identities.flat().map((identity) => Number.parseInt(identity, 10)));
}

it('four workers and two APIs share a mixed load, and what dies of them costs no run and repeats nothing', async () => {
  const { api, workers, devKey } = await brikk.status();
  const survivors = [...workers.map(({ pid }) => pid), beside.third!.pid];
  const load = new Load([api.url, secondUrl], devKey);
  const driven = load.drive();
  /** Until each of them has had something to do of what was accepted since `first`. */
  const haveWorked = async (pids: readonly number[], first: number) => {
    const seen = new Set<number>();
    await until(async () => {
      const runs = load.accepted.slice(Math.max(first, load.accepted.length - NEWEST));
      for (const pid of await workersOf(runs)) seen.add(pid);
      return pids.every((pid) => seen.has(pid));
    }, PATIENCE_MS);
  };

  await haveWorked([...survivors, beside.fourth!.pid], 0);
  process.kill(beside.fourth!.pid, 'SIGKILL');
  process.kill(beside.api!.pid, 'SIGKILL');
  await haveWorked(survivors, load.accepted.length);
  load.stop();
  await driven;

  const books = await world.settle(load, ownerUrlOf(brikk.home)!);
  expect(books).toMatchObject({ broken: [], late: 0, completed: books.runs });
  expect((await brikk.status()).workers.map(({ pid }) => pid)).toEqual(survivors.slice(0, 2));
});
