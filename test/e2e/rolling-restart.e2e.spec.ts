import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from '../faults/cluster.js';
import { CountingAgent } from '../support/counting-agent.js';
import { LoadBalancer } from '../support/load-balancer.js';
import { until } from '../support/until.js';

jest.setTimeout(240_000);

const CLIENTS = 4;
const STEPS = 3;

let cluster: Cluster;
let balancer: LoadBalancer;
let agent: CountingAgent;

beforeAll(async () => {
  agent = await CountingAgent.listen(200);
  cluster = await Cluster.up(agent.url, { BRIKK_DRAIN_SECONDS: '3' });
  balancer = await LoadBalancer.before(cluster.apiUrls);
  await cluster.brikk.register('echo', 'echo', agent.url, { maxConcurrency: 100 });
}, 120_000);
afterAll(async () => {
  await balancer?.close();
  await cluster?.down();
  await agent?.close();
}, 60_000);

/** Answers that are not 2xx. */
const refused: string[] = [];

async function ask<Answer>(method: string, route: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${balancer.url}${route}`, {
    method,
    headers: { authorization: `Bearer ${cluster.key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) refused.push(`${method} ${route}: ${answer.status} ${await answer.text()}`);
  return (answer.ok ? await answer.json() : {}) as Answer;
}

it('every API and worker is replaced in turn under load: no request fails, no call is lost or repeated', async () => {
  const step = { capability: 'echo' };
  const accepted: string[] = [];
  let isOn = true;
  const accept = async (route: string, run: object) => {
    const { id } = await ask<{ id?: string }>('POST', route, run);
    if (id !== undefined) accepted.push(id);
  };
  const client = async () => {
    while (isOn) {
      await accept('/v1/runs', {
        pattern: 'sequential',
        with: { steps: Array.from({ length: STEPS }, (_, at) => ({ name: `step${at}`, ...step })) },
        input: null,
      });
      await ask('GET', '/v1/runs?limit=10');
      await accept('/v1/runs?wait=20s', { pattern: 'agent', with: step, input: null });
      await sleep(50);
    }
  };
  await until(() => cluster.apiUrls.every((url) => balancer.isReady(url)), 60_000);
  const clients = Array.from({ length: CLIENTS }, client);

  for (const name of ['api', 'second api', 'worker', 'second worker'] as const) {
    const before = accepted.length;
    await until(() => accepted.length > before, 60_000);
    await cluster.replace(name);
    await until(() => cluster.apiUrls.every((url) => balancer.isReady(url)), 60_000);
  }
  isOn = false;
  await Promise.all(clients);

  expect(refused).toEqual([]);
  expect(balancer.lost).toEqual([]);
  for (const id of accepted) expect(await cluster.brikk.finished(id)).toMatchObject({ status: 'completed' });
  const asked = [...agent.askedAt.values()];
  expect(asked.filter((times) => times.length > 1)).toEqual([]);
  expect(asked).toHaveLength((accepted.length / 2) * (STEPS + 1));
});
