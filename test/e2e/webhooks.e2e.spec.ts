import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { bearerHeaders } from '../../connectors/webhook/bearer-token.js';
import type { InboundEvent } from '../../contracts/inbound-events.js';
import type { Run } from '../../contracts/runs.js';
import type { CreatedWebhookSource } from '../../contracts/webhook-sources.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { until } from '../support/until.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { signedHeaders, WEBHOOK_SECRET } from '../support/webhooks.js';

/** 7,500 for 30,000 deliveries. */
const EVENTS = Number(process.env.BRIKK_WEBHOOK_EVENTS ?? 250);
const HEARD_BY = 4;
const BATCH = 50;
/** Of so many batches a worker dies while the first goes out, and the API while the second does. */
const KILL_EVERY = 25;
const ARRIVE_WITHIN_MS = 240_000 + EVENTS * 20;

jest.setTimeout(ARRIVE_WITHIN_MS + 60_000);

describe('webhooks with the launched product', () => {
  let brikk: LaunchedBrikk;
  let receiver: WebhookReceiver;
  let kills = 0;
  beforeAll(async () => {
    receiver = await WebhookReceiver.open();
    brikk = await LaunchedBrikk.up();
    const document = { dsl: '1.0.3', namespace: 'e2e', name: 'hooked', version: '1.0.0' };
    await brikk.call('POST', '/v1/workflows', { document, do: [{ give: { set: '${ .n }' } }] });
  });
  afterAll(async () => {
    await brikk?.down();
    await receiver.close();
  });

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
  /** Once it is there: who was killed before may be about to begin again. */
  const send = (signal: 'SIGKILL' | 'SIGSTOP', victim: 'api' | 'worker') =>
    until(async () => {
      const { api, workers } = await brikk.status();
      try {
        return process.kill(victim === 'api' ? api.pid : workers[0]!.pid, signal);
      } catch {
        return false;
      }
    }, 60_000);
  const kill = async (...victims: ('api' | 'worker')[]) => {
    for (const victim of victims) await send('SIGKILL', victim);
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

  it('start a pattern, with the parameters and the input that the route says', async () => {
    const pattern = { pattern: 'agent', with: { capability: 'triage', timeout: { total: 'PT5S' } } };
    const source = await create('patterned', [{ action: 'start', ...pattern, input: '{text: .issue.title}' }]);
    expect(source.routes).toMatchObject([pattern]);
    await deliver(source, { issue: { title: 'Disk full' } }, 'p1');
    await until(async () => (await runs('patterned')) === 1);
    const { items } = await brikk.call<{ items: Run[] }>('GET', '/v1/runs?label=webhook=patterned');
    expect(await brikk.call<Run>('GET', `/v1/runs/${items[0]!.id}`)).toMatchObject({
      pattern: 'agent',
      with: { capability: 'triage', timeout: { totalMs: 5_000 } },
      input: { text: 'Disk full' },
    });
  });

  it('are answered with what the run gave, copies alike, or with 202 when that takes too long', async () => {
    const wait = { dsl: '1.0.3', namespace: 'e2e', name: 'slow', version: '1.0.0' };
    await brikk.call('POST', '/v1/workflows', { document: wait, do: [{ rest: { wait: { minutes: 5 } } }] });
    const source = await brikk.call<CreatedWebhookSource>('POST', '/v1/webhook-sources', {
      name: 'asked',
      provider: 'github',
      secret: WEBHOOK_SECRET,
      sync: { waitMs: 20_000, respond: '{text: "twice \\(. * 2)", status: $status}' },
      routes: [
        { when: '.n', action: 'start', workflow: 'e2e/hooked' },
        { when: '.slow', action: 'start', workflow: 'e2e/slow' },
      ],
    });
    const ask = async (data: object, id: string) => {
      const body = JSON.stringify(data);
      const answer = await fetch(source.url, { method: 'POST', headers: signedHeaders(source, body, { id }), body });
      return { status: answer.status, body: await answer.json(), type: answer.headers.get('content-type') };
    };
    const json = 'application/json; charset=utf-8';
    const answer = { status: 200, body: { text: 'twice 14', status: 'completed' }, type: json };
    expect(await ask({ n: 7 }, 'a1')).toEqual(answer);
    expect(await ask({ n: 7 }, 'a2')).toEqual(answer);
    expect(await runs('asked')).toBe(1);
    // Nothing to wait for: it fits no route.
    expect(await ask({ other: 1 }, 'a3')).toMatchObject({ status: 202, body: { id: expect.any(String) } });
    const change = { sync: { waitMs: 100 } };
    await brikk.call('PATCH', `/v1/webhook-sources/${source.id}`, change);
    expect(await ask({ slow: 1 }, 'a4')).toMatchObject({ status: 202, body: { id: expect.any(String) } });
  });

  it("of an app of Jira's come with a token, which another secret does not make", async () => {
    const source = await brikk.call<CreatedWebhookSource>('POST', '/v1/webhook-sources', {
      name: 'jira',
      provider: 'jira-app',
      secret: WEBHOOK_SECRET,
    });
    const post = async (secret: string) => {
      const signed = await bearerHeaders(secret, { id: 'j1', timestamp: String(Math.floor(Date.now() / 1_000)) });
      const headers = { ...signed, 'content-type': 'application/json' };
      return (await fetch(source.url, { method: 'POST', headers, body: '{"webhookEvent":"jira:issue_updated"}' }))
        .status;
    };
    expect([await post('another-secret'), await post(WEBHOOK_SECRET), await post(WEBHOOK_SECRET)]).toEqual([
      401, 202, 200,
    ]);
    const tested = await brikk.call<{ id: string }>('POST', `/v1/webhook-sources/${source.id}/test`, { body: {} });
    const { items } = await brikk.call<{ items: InboundEvent[] }>('GET', `/v1/inbound-events?source=${source.id}`);
    expect(items.map(({ id, deliveryId }) => id === tested.id || deliveryId)).toEqual([true, 'j1']);
    const kept = await brikk.call<{ headers: object }>('GET', `/v1/inbound-events/${items[1]!.id}`);
    expect(Object.keys(kept.headers)).toContain('content-type');
    expect(Object.keys(kept.headers)).not.toContain('authorization');
  });

  it('go out while api and worker die', async () => {
    for (let n = 0; n < HEARD_BY; n += 1) {
      const url = `http://127.0.0.1:${receiver.port}/${n}`;
      // Claims of the dead end after this and 15 s; the tests behind this one go on meanwhile.
      const endpoint = { name: `out${n}`, urls: [url], types: ['out.*'], timeoutMs: 1_000 };
      await brikk.call('POST', '/v1/webhook-endpoints', endpoint);
    }
    const events = Array.from({ length: EVENTS }, (_, n) => ({ id: `out${n}`, type: 'out.sent', data: { n } }));
    const victims = { 0: 'worker', 1: 'api' } as Record<number, 'worker' | 'api'>;
    for (let batch = 0; batch * BATCH < EVENTS; batch += 1) {
      const before = receiver.received.length;
      const accepted = brikk.call('POST', '/v1/events/batch', events.slice(batch * BATCH, (batch + 1) * BATCH));
      const victim = victims[batch % KILL_EVERY];
      if (victim) {
        await until(() => receiver.received.length > before, 60_000);
        await kill(victim);
        kills += 1;
      }
      await accepted;
    }
  });

  it('that were accepted are routed though api and worker die before it, each once', async () => {
    const source = await create('killed', [{ action: 'start', workflow: 'e2e/hooked' }]);
    await send('SIGSTOP', 'worker');
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

  it('that went out meanwhile have all arrived, and twice only under the same webhook-id', async () => {
    const seen = () => receiver.received.map(({ path, json, id }) => ({ of: `${path} ${String(json.data.n)}`, id }));
    const deliveries = EVENTS * HEARD_BY;
    const haveArrived = () => new Set(seen().map(({ of }) => of)).size === deliveries;
    await until(() => receiver.received.length >= deliveries && haveArrived(), ARRIVE_WITHIN_MS);
    expect(new Set(seen().map(({ of, id }) => `${of} ${id}`)).size).toBe(deliveries);
    await until(async () => {
      const open = ['pending', 'sending', 'retrying'].map((status) =>
        brikk.call<{ items: object[] }>('GET', `/v1/webhook-deliveries?status=${status}`),
      );
      return (await Promise.all(open)).every(({ items }) => items.length === 0);
    }, 60_000);
    const repeats = receiver.received.length - deliveries;
    process.stdout.write(`${deliveries} deliveries, ${kills} times kill -9: 0 lost, ${repeats} came twice\n`);
  });
});
