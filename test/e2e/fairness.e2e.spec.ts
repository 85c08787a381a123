import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../../contracts/runs.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { until } from '../support/until.js';

jest.setTimeout(300_000);

const FLOOD = 200;
const FLOOD_MS = 8_000;
const SMALL_MS = 100;
const RUNS = 15;
/** How much longer the runs of the small organisation may take beside it, on cores that both share; without shares it waits for the flood. */
const FACTOR = 20;

let brikk: LaunchedBrikk;
let slow: CountingAgent;
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
  slow = await CountingAgent.listen(FLOOD_MS, () => null);
  quick = await CountingAgent.listen(SMALL_MS, () => null);
  small = await brikk.call('POST', '/v1/organisations', { name: 'small' });
  await brikk.call('POST', '/v1/agents', registration('slow', slow.url));
  await asSmall('POST', '/v1/agents', registration('quick', quick.url));
}, 120_000);
afterAll(async () => {
  await brikk?.down();
  await Promise.all([slow?.close(), quick?.close()]);
}, 60_000);

const asSmall = <Answer>(method: string, path: string, body: unknown) =>
  brikk.as(small.key).call<Answer>(method, path, body);

/** Milliseconds, from the request to the finished run, of runs one after another. */
async function runsOfSmall(): Promise<number[]> {
  const took: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const from = performance.now();
    const { status } = await asSmall<Run>('POST', '/v1/runs?wait=60s', {
      pattern: 'agent',
      with: { capability: 'quick' },
    });
    expect(status).toBe('completed');
    took.push(performance.now() - from);
  }
  return took.toSorted((a, b) => a - b);
}
const p95 = (sorted: number[]) => sorted[Math.ceil(sorted.length * 0.95) - 1]!;

it('an organisation whose runs flood the worker delays those of another by no more than a factor', async () => {
  await runsOfSmall();
  const alone = p95(await runsOfSmall());
  const flood = await Promise.all(
    Array.from({ length: FLOOD }, () => brikk.start({ pattern: 'agent', with: { capability: 'slow' } })),
  );
  await until(() => slow.calls >= 70, 60_000);
  await sleep(1_000);
  const beside = p95(await runsOfSmall());
  expect(beside).toBeLessThan(FACTOR * alone);

  // The one that floods is not kept from its work: its runs end, too.
  for (const { id } of flood) expect((await brikk.finished(id)).status).toBe('completed');
});
