import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { InboundEvent } from '../../contracts/inbound-events.js';
import type { Run } from '../../contracts/runs.js';
import type { CreatedWebhookSource } from '../../contracts/webhook-sources.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { until } from '../support/until.js';
import { signedHeaders, WEBHOOK_SECRET } from '../support/webhooks.js';

jest.setTimeout(120_000);

describe('webhooks with the launched product', () => {
  let brikk: LaunchedBrikk;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    const document = { dsl: '1.0.3', namespace: 'e2e', name: 'hooked', version: '1.0.0' };
    await brikk.call('POST', '/v1/workflows', { document, do: [{ give: { set: '${ .n }' } }] });
  });
  afterAll(() => brikk?.down());

  const create = (name: string, routes: object[]) =>
    brikk.call<CreatedWebhookSource>('POST', '/v1/webhook-sources', {
      name,
      provider: 'github',
      secret: WEBHOOK_SECRET,
      routes,
    });
  /** As a provider does it: again, the same delivery, until it is answered. */
  const deliver = async (source: CreatedWebhookSource, data: object, id: string): Promise<void> => {
    const body = JSON.stringify(data);
    const headers = { 'content-type': 'application/json', ...signedHeaders(source, body, { id }) };
    await until(async () => {
      const answer = await fetch(source.url, { method: 'POST', headers, body }).catch(() => undefined);
      return answer?.ok === true;
    }, 60_000);
  };
  const outputsOf = async (label: string) => {
    const { items } = await brikk.call<{ items: Run[] }>('GET', `/v1/runs?label=webhook=${label}&limit=200`);
    const ended = await Promise.all(items.map(({ id }) => brikk.finished(id)));
    return ended.map(({ output }) => output as number).sort((a, b) => a - b);
  };
  const runs = async (label: string) =>
    (await brikk.call<{ items: Run[] }>('GET', `/v1/runs?label=webhook=${label}&limit=200`)).items.length;
  const kill = async (...victims: ('api' | 'worker')[]) => {
    const { api, workers } = await brikk.status();
    for (const victim of victims) process.kill(victim === 'api' ? api.pid : workers[0]!.pid, 'SIGKILL');
  };

  it('start a run, and what comes later is heard by the same one', async () => {
    const listens = { to: { one: { with: { type: 'commented' } } } };
    const document = { dsl: '1.0.3', namespace: 'e2e', name: 'issue', version: '1.0.0' };
    await brikk.call('POST', '/v1/workflows', { document, do: [{ hear: { listen: listens } }] });
    const source = await create('github', [
      { when: '.issue', action: 'start', workflow: 'e2e/issue', correlationId: '"issue-\\(.issue)"' },
      { action: 'event', type: 'commented', data: '.comment' },
    ]);
    await deliver(source, { issue: 7 }, 'opened');
    await until(async () => (await runs('github')) === 1);
    await deliver(source, { comment: 'ship it' }, 'commented');
    expect(await outputsOf('github')).toHaveLength(1);
    const { items } = await brikk.call<{ items: Run[] }>('GET', '/v1/runs?label=webhook=github');
    expect(await brikk.finished(items[0]!.id)).toMatchObject({ correlationId: 'issue-7', output: ['ship it'] });
  });

  it('that were accepted are routed though api and worker die before it, each once', async () => {
    const source = await create('killed', [{ action: 'start', workflow: 'e2e/hooked' }]);
    const { workers } = await brikk.status();
    process.kill(workers[0]!.pid, 'SIGSTOP');
    for (const n of [1, 2, 3]) await deliver(source, { n }, `d${n}`);
    expect(await runs('killed')).toBe(0);
    await kill('api', 'worker');
    await until(async () => (await runs('killed')) === 3, 60_000);
    expect(await outputsOf('killed')).toEqual([1, 2, 3]);
  });

  it('that their provider repeats while api and worker die are one run each', async () => {
    const source = await create('stormy', [{ action: 'start', workflow: 'e2e/hooked' }]);
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    const waiting = [...numbers];
    const lane = async () => {
      for (let n = waiting.shift(); n !== undefined; n = waiting.shift()) {
        await deliver(source, { n }, `s${n}`);
        if (n === 15) await kill('api');
        if (n === 40) await kill('worker');
      }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
    const isOver = ({ status }: InboundEvent) => status === 'dispatched';
    await until(async () => {
      const path = `/v1/inbound-events?source=${source.id}&limit=200`;
      const { items } = await brikk.call<{ items: InboundEvent[] }>('GET', path);
      return items.length === 60 && items.every(isOver);
    }, 60_000);
    expect(await outputsOf('stormy')).toEqual(numbers);
  });
});
