import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Run } from '../../contracts/runs.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';

jest.setTimeout(300_000);

/** More calls than the worker has places, none of which is answered before the test lets them go. */
const FLOOD = 300;
const RUNS = 5;

let brikk: LaunchedBrikk;
let held: CountingAgent;
let letGo: () => void;
let quick: CountingAgent;
let small: { key: string };

const registration = (name: string, url: string) => ({
  name,
  version: '1.0.0',
  protocol: 'http',
  endpoint: url,
  ttlSeconds: 0,
  maxConcurrency: 1_000,
  capabilities: [{ name }],
});

beforeAll(async () => {
  brikk = await LaunchedBrikk.up();
  const released = new Promise<null>((resolve) => (letGo = () => resolve(null)));
  held = await CountingAgent.listen(0, () => released);
  quick = await CountingAgent.listen(0, () => null);
  small = await brikk.call('POST', '/v1/organisations', { name: 'small' });
  await brikk.call('POST', '/v1/agents', registration('held', held.url));
  await asSmall('POST', '/v1/agents', registration('quick', quick.url));
}, 120_000);
afterAll(async () => {
  await brikk?.down();
  await Promise.all([held?.close(), quick?.close()]);
}, 60_000);

const asSmall = <Answer>(method: string, path: string, body: unknown) =>
  brikk.as(small.key).call<Answer>(method, path, body);

/** Runs one after another. */
async function runsOfSmall(): Promise<void> {
  for (let run = 0; run < RUNS; run += 1) {
    const { status } = await asSmall<Run>('POST', '/v1/runs?wait=60s', {
      pattern: 'agent',
      with: { capability: 'quick' },
    });
    expect(status).toBe('completed');
  }
}

it('runs of an organisation end while calls of another flood every place that it may have', async () => {
  await runsOfSmall();
  const flooding = { pattern: 'agent', with: { capability: 'held', timeout: { attempt: 'PT4M', total: 'PT4M' } } };
  const flood = await Promise.all(Array.from({ length: FLOOD }, () => brikk.start(flooding)));
  await held.reached(70);
  await runsOfSmall();

  // The one that floods is not kept from its work: its runs end, too.
  letGo();
  for (const { id } of flood) expect((await brikk.finished(id)).status).toBe('completed');
});
