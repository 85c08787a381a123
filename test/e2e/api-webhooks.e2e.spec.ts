import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createProgram } from '../../apps/cli/program.js';
import type { InboundEvent } from '../../contracts/inbound-events.js';
import type { CreatedWebhookSource } from '../../contracts/webhook-sources.js';
import { sweepInbound } from '../../database/inbound-events.repository.js';
import { asOwner } from '../support/postgres.js';
import { until } from '../support/until.js';
import { WebhookHouse } from '../support/webhook-house.js';
import { GITHUB_PAYLOADS, signedHeaders, WEBHOOK_SECRET } from '../support/webhooks.js';

jest.setTimeout(60_000);

describe('webhooks', () => {
  let house: WebhookHouse;
  beforeAll(async () => {
    house = await WebhookHouse.open();
  });
  afterAll(() => house?.close());

  const start = { action: 'start', workflow: 'test/tested' };

  it('are taken when they are signed, kept as they came, and started as runs', async () => {
    const source = await house.create({
      routes: [{ ...start, name: 'opened', when: '.action == "opened"', input: '.n' }],
    });
    const body = '{"action" : "opened",\n "n": 7}';
    const answer = await house.deliver(source, body, { 'x-github-event': 'issues', authorization: 'Basic eDp5' });
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: { id: expect.any(String) } });
    const [event] = await house.settled(source);
    expect(event).toMatchObject({ status: 'dispatched', outcome: { route: 0, routeName: 'opened' }, error: null });
    const [runId] = event!.outcome!.runIds!;
    expect((await house.call('get', `/v1/runs/${runId}`)).body).toMatchObject({
      input: 7,
      labels: { webhook: source.name },
    });
    const { body: detail } = await house.call('get', `/v1/inbound-events/${event!.id}`);
    expect(detail).toMatchObject({ body, encoding: 'utf8', headers: { 'x-github-event': 'issues' } });
    expect(Object.keys((detail as { headers: object }).headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/signature|authorization/)]),
    );
  });

  it('are refused without a word of why, whatever is wrong with them', async () => {
    const source = await house.create({ provider: 'standard' });
    const headers = signedHeaders(source, '{}');
    const late = signedHeaders(source, '{}', { at: Date.now() - 301_000 });
    const { 'webhook-signature': _, ...unsigned } = headers;
    for (const [body, given] of [
      ['{ }', headers],
      ['{}', unsigned],
      ['{}', late],
    ] as const) {
      const answer = await house.post(source, body, given);
      expect(answer.body).toMatchObject({
        status: 401,
        code: 'webhook.unverified',
        detail: expect.stringMatching(/^The delivery is not signed as it should be$/),
      });
    }
    expect(await house.eventsOf(source)).toEqual([]);
  });

  it('that are too large, too many, or for a disabled source are refused before they are read', async () => {
    const source = await house.create({ maxBytes: 1_024, ratePerSecond: 5 });
    const large = JSON.stringify('x'.repeat(2_000));
    expect((await house.deliver(source, large)).body).toMatchObject({ status: 413, code: 'body.too_large' });
    const many = await Promise.all(Array.from({ length: 20 }, (_, n) => house.deliver(source, String(n))));
    const refused = many.find(({ status }) => status === 429);
    expect(refused?.headers['retry-after']).toBe('1');
    await house.call('patch', `/v1/webhook-sources/${source.id}`, { state: 'disabled' }).expect(200);
    expect((await house.deliver(source, '{}')).body).toMatchObject({ status: 404, code: 'webhook_source.not_found' });
  });

  it('that come fifty times at once are one event, and one run', async () => {
    const source = await house.create({ routes: [start] });
    const copies = await Promise.all(
      Array.from({ length: 50 }, (_, n) => house.deliver(source, '{"n":1}', {}, { id: `d${n}` })),
    );
    const howMany = (wanted: number) => copies.filter(({ status }) => status === wanted).length;
    expect([howMany(202), howMany(200)]).toEqual([1, 49]);
    const [event] = await house.settled(source);
    expect(event).toMatchObject({ duplicates: 49, outcome: { runIds: [expect.any(String)] } });
    expect((await house.deliver(source, '{"n":1}', {}, { id: 'later' })).body).toEqual({ duplicate: true });
    await house.call('post', `/v1/inbound-events/${event!.id}/allow-redelivery`).expect(204);
    expect((await house.deliver(source, '{"n":1}', {}, { id: 'allowed' })).status).toBe(202);
    expect((await house.deliver(source, '{"n":1}', {}, { id: 'again' })).status).toBe(200);
    // Another body under a known id is another event; and where bodies are not compared, the id alone tells.
    expect((await house.deliver(source, '{"n":2}', {}, { id: 'allowed' })).status).toBe(202);
    const open = await house.create({ replayWindowMs: 0 });
    const statusOf = async (id: string) => (await house.deliver(open, '{}', {}, { id })).status;
    expect([await statusOf('a'), await statusOf('b'), await statusOf('a')]).toEqual([202, 202, 200]);
    const standard = await house.create({ provider: 'standard' });
    expect((await house.deliver(standard, '{"n":1}', {}, { id: 'm1' })).status).toBe(202);
    expect((await house.deliver(standard, '{"n":2}', {}, { id: 'm1' })).status).toBe(200);
  });

  it('of GitHub, all that it documents, are one run each, with every byte kept', async () => {
    expect(GITHUB_PAYLOADS).toHaveLength(329);
    const source = await house.create({
      routes: [{ ...start, input: '.sender.login // "nobody"' }],
      ratePerSecond: 10_000,
    });
    const distinct = [...new Set(GITHUB_PAYLOADS)];
    const lane = async (bodies: string[]) => {
      for (const body of bodies) expect((await house.deliver(source, body)).status).toBe(202);
    };
    await Promise.all([0, 1, 2, 3].map((n) => lane(distinct.filter((_, index) => index % 4 === n))));
    for (const body of GITHUB_PAYLOADS.slice(0, 20)) expect((await house.deliver(source, body)).status).toBe(200);
    const counts = () =>
      asOwner(house.api.ownerUrl, async (owner) => {
        const { rows } = await owner.query<{ status: string; runs: number; events: number }>(
          `SELECT status, count(*)::int AS events, count(DISTINCT outcome -> 'runIds' ->> 0)::int AS runs
           FROM inbound_event WHERE source_id = $1 GROUP BY status`,
          [source.id],
        );
        return rows;
      });
    await until(async () => (await counts()).every(({ status }) => status !== 'received'), 30_000);
    expect(await counts()).toEqual([{ status: 'dispatched', events: distinct.length, runs: distinct.length }]);
    for (const event of (await house.eventsOf(source)).slice(0, 20)) {
      const { body } = (await house.call('get', `/v1/inbound-events/${event.id}`)).body as { body: string };
      expect(distinct).toContain(body);
    }
  });

  it('of Slack are answered as Slack wants', async () => {
    const source = await house.create({ provider: 'slack', routes: [{ action: 'drop' }] });
    const asked = await house.deliver(source, JSON.stringify({ type: 'url_verification', challenge: 'c-1' }));
    expect({ status: asked.status, body: asked.body }).toEqual({ status: 200, body: { challenge: 'c-1' } });
    expect(await house.eventsOf(source)).toEqual([]);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const command = await house.deliver(source, 'command=%2Fdeploy&text=now', form);
    expect([command.status, command.text]).toEqual([200, '']);
    expect((await house.deliver(source, JSON.stringify({ event_id: 'Ev1', n: 1 }))).status).toBe(202);
    expect((await house.deliver(source, JSON.stringify({ event_id: 'Ev1', n: 2 }))).status).toBe(200);
    expect((await house.settled(source, 2)).map(({ status }) => status)).toEqual(['dropped', 'dropped']);
  });

  it('without a route, or that cannot be carried out, wait for somebody to replay them', async () => {
    const source = await house.create({ routes: [{ ...start, when: '.kind == "a"', workflow: 'test/missing' }] });
    for (const body of ['{"kind":"a"}', '{"kind":"b"}', '{"kind":'])
      expect((await house.deliver(source, body)).status).toBe(202);
    const [broken, unmatched, dead] = await house.settled(source, 3);
    expect([broken, unmatched, dead]).toMatchObject([
      { status: 'dead', error: expect.stringMatching(/neither JSON nor a form/) },
      { status: 'unmatched', outcome: null },
      { status: 'dead', error: expect.stringMatching(/test\/missing/) },
    ]);
    await house.call('patch', `/v1/webhook-sources/${source.id}`, { routes: [start] }).expect(200);
    const replay = { status: 'dead', source: source.id };
    expect((await house.call('post', '/v1/inbound-events/replay', replay)).body).toEqual({ replayed: 2 });
    await house.call('post', `/v1/inbound-events/${unmatched!.id}/replay`).expect(202);
    const after = await house.settled(source, 3);
    expect(after.map(({ status, generation }) => [status, generation])).toEqual([
      ['dead', 1],
      ['dispatched', 1],
      ['dispatched', 1],
    ]);
  });

  it('signal the runs of a correlation id, and speak to the bus', async () => {
    const body = { pattern: 'agent', with: { capability: 'triage' }, input: 1, correlationId: 'issue-7' };
    const { id } = (await house.call('post', '/v1/runs', body)).body as { id: string };
    const routes = [
      { when: '.comment', action: 'signal', correlationId: '"issue-\\(.n)"', signal: 'comment', data: '.comment' },
      { action: 'event', type: 'com.github.ping', data: '{zen}', orderingKey: '.zen' },
    ];
    const source = await house.create({ routes });
    await house.deliver(source, '{"n":7,"comment":"ship it"}');
    await house.deliver(source, '{"n":8,"comment":"nobody hears"}');
    await house.deliver(source, '{"zen":"z"}');
    const [ping, unheard, told] = await house.settled(source, 3);
    expect(told).toMatchObject({ status: 'dispatched', outcome: { runIds: [id] } });
    expect(unheard).toMatchObject({ status: 'dead', error: expect.stringMatching(/correlation id issue-8/) });
    expect(ping).toMatchObject({ outcome: { eventId: ping!.id, deliveries: 0 } });
    const events = (await house.call('get', `/v1/runs/${id}/events`)).body as { items: object[] };
    expect(events.items).toContainEqual(
      expect.objectContaining({ type: 'run.signalled', data: { name: 'comment', data: 'ship it' } }),
    );
    await house.call('post', `/v1/inbound-events/${ping!.id}/replay`).expect(202);
    await house.settled(source, 3);
    const { items } = (await house.call('get', '/v1/events?type=com.github.ping')).body as {
      items: { event: object }[];
    };
    expect(items.map(({ event }) => event)).toMatchObject([
      { id: `${ping!.id}.1` },
      { id: ping!.id, data: { zen: 'z' } },
    ]);
  });

  it('have secrets that nobody reads again, and that are replaced with an overlap', async () => {
    const key = randomUUID();
    const body = { name: 'made-up', provider: 'standard' };
    const createOnce = () => house.call('post', '/v1/webhook-sources', body).set('idempotency-key', key);
    const { secret, ...shown } = (await createOnce()).body as CreatedWebhookSource;
    expect(secret).toMatch(/^whsec_.{44}$/);
    expect((await createOnce()).body).toEqual({ ...shown, keyShown: true });
    expect((await house.call('post', '/v1/webhook-sources', body)).body).toMatchObject({
      code: 'webhook_source.conflict',
    });
    const path = `/v1/webhook-sources/${shown.id}`;
    const { secret: next } = (await house.call('post', `${path}/secret/rotate`, {})).body as CreatedWebhookSource;
    const statusWith = async (given: string) => (await house.deliver(shown, '{}', {}, { secret: given })).status;
    expect([await statusWith(secret!), await statusWith(next!), await statusWith(WEBHOOK_SECRET)]).toEqual([
      202, 202, 401,
    ]);
    await house.call('post', `${path}/secret/rotate`, { secret: WEBHOOK_SECRET, overlapMs: 0 }).expect(200);
    expect([await statusWith(next!), await statusWith(WEBHOOK_SECRET)]).toEqual([401, 202]);
    const seen = [(await house.call('get', path)).text, (await house.call('get', '/v1/webhook-sources')).text].join();
    expect([secret, next, WEBHOOK_SECRET].filter((text) => seen.includes(text!))).toEqual([]);
    const { items } = (await house.call('get', '/v1/audit')).body as { items: { action: string }[] };
    expect(items.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['webhook_source.created', 'webhook_source.secret_rotated', 'webhook_source.changed']),
    );
  });

  it('leave no trace of secret or body in any table', async () => {
    const source = await house.create({ secret: 'correct-horse-battery' });
    await house.deliver(
      source,
      '{"said":"staple-gun"}',
      { 'x-said': 'staple-gun' },
      { secret: 'correct-horse-battery' },
    );
    await house.settled(source);
    const hits = await asOwner(house.api.ownerUrl, async (owner) => {
      const { rows } = await owner.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
      );
      const found = [];
      for (const { name } of rows) {
        const sql = `SELECT FROM "${name}" t WHERE t::text LIKE '%correct-horse%' OR t::text LIKE '%staple-gun%'`;
        if ((await owner.query(sql)).rowCount) found.push(name);
      }
      return found;
    });
    expect(hits).toEqual([]);
  });

  it('are forgotten after their time, but for those that wait; a deleted source takes all with it', async () => {
    const source = await house.create();
    await house.deliver(source, '{"n":1}');
    await house.settled(source);
    await sweepInbound(house.api.database, 60_000);
    expect(await house.eventsOf(source)).toHaveLength(1);
    await asOwner(house.api.ownerUrl, async (owner) => {
      await owner.query(`UPDATE inbound_event SET received_at = now() - interval '2 min' WHERE source_id = $1`, [
        source.id,
      ]);
      await owner.query(`UPDATE inbound_dedup SET expires_at = now() - interval '1 s' WHERE source_id = $1`, [
        source.id,
      ]);
    });
    await sweepInbound(house.api.database, 60_000);
    expect(await house.eventsOf(source)).toEqual([]);
    expect((await house.deliver(source, '{"n":1}')).status).toBe(202);
    await house.call('delete', `/v1/webhook-sources/${source.id}`).expect(204);
    expect((await house.deliver(source, '{"n":3}')).status).toBe(404);
    expect(await house.eventsOf(source)).toEqual([]);
  });

  it('are tried, seen and replayed on the command line', async () => {
    const lines: string[] = [];
    const said = jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    const brikk = async (...args: string[]) => {
      lines.length = 0;
      await createProgram().parseAsync(['webhooks', ...args, '--api-url', house.url, '--api-key', house.api.key], {
        from: 'user',
      });
      return lines.join('\n');
    };
    try {
      const source = await house.create({ name: 'cli', routes: [{ ...start, name: 'all', when: '.n' }] });
      expect(await brikk('sources')).toMatch(/cli +github +active +1 +http/);
      const tested = ['test', 'cli', '--data', '{"n":1}', '--header', 'X-GitHub-Event: ping'];
      expect(await brikk(...tested)).toMatch(/ is dispatched by route all: run [0-9a-f-]{36}$/);
      expect(await brikk(...tested)).toMatch(/ is dispatched/);
      const { id } = JSON.parse(await brikk('test', 'cli', '--data', '{}', '-o', 'json')) as InboundEvent;
      expect(await brikk('events', '--source', 'cli', '--status', 'unmatched')).toMatch(
        new RegExp(`^${id} +cli +unmatched`, 'm'),
      );
      expect(await brikk('show', id)).toMatch(/"body": "{}"/);
      expect(await brikk('replay', id)).toBe(`${id} is routed again.`);
      await house.settled(source, 3);
      expect(await brikk('replay', '--status', 'unmatched', '--source', 'cli')).toBe('1 event is routed again.');
      await house.settled(source, 3);
      expect(await brikk('allow', id)).toMatch(/event of its own/);
      expect(await brikk('rotate', 'cli', '--overlap', '1')).toMatch(/shown once: whsec_/);
      await expect(brikk('replay')).rejects.toThrow(/--status dead/);
      await expect(brikk('test', 'nobody', '--data', '{}')).rejects.toThrow(/no webhook source nobody/);
      expect(await brikk('delete', 'cli')).toBe('cli is deleted.');
    } finally {
      said.mockRestore();
    }
  });
});
