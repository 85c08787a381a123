import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskList } from '../contracts/definition-tasks.js';
import type { CloudEvent } from '../contracts/event-bus.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { listeningRun } from '../test/support/runs.js';
import { type NewBusEvent, listEvents, publishEvents } from './event-bus.repository.js';
import { claimDeliveries, redeliver, settleDeliveries, sweepEvents } from './event-deliveries.js';
import { publishOutbox } from './event-outbox.js';
import { publishMessage, subscribeToChannel } from './message-channels.js';
import { finishRun } from './finish-run.js';
import { RunEventWriter } from './run-events.js';
import { uuidv7 } from './uuid.js';

const END = { status: 'completed', terminationReason: 'done', degraded: false, rounds: 0 } as const;
const DAY_MS = 86_400_000;

describe('the event bus', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test.close());

  const listen = (type: string): TaskList => [{ hear: { listen: { to: { one: { with: { type } } } } } }];
  const eventOf = (type: string, id = uuidv7(), data = 1): NewBusEvent => ({
    event: { id, specversion: '1.0', source: '/s', type, data } satisfies CloudEvent,
  });
  const publish = (orgId: string, ...events: NewBusEvent[]) =>
    test.database.inOrg(orgId, (tx) => publishEvents(tx, orgId, events));
  const finish = (orgId: string, runId: string) =>
    finishRun(test.database, { orgId, runId, ...END, warnings: [], output: { inline: null }, events: [] });
  const makeDue = () => asOwner(test.ownerUrl, (owner) => owner.query('UPDATE bus_delivery SET due_at = now()'));
  async function claim(): Promise<Map<string, [number, unknown][]>> {
    const due = await claimDeliveries(test.database, 500);
    return new Map(due.map(({ listenerId, events }) => [listenerId, events.map((e) => [e.number, e.event.data])]));
  }

  it('carries messages between runs, their sender included: once for the call, from the subscription on', async () => {
    const orgId = uuidv7();
    const [hearing, sending] = [
      await listeningRun(test.database, orgId, []),
      await listeningRun(test.database, orgId, []),
    ];
    const { event } = eventOf('com.example.paid', 'do/0/a', 7);
    const asRun = (runId: string) => ({ orgId, runId });
    const send = (sent: CloudEvent) =>
      test.database.inOrg(orgId, (tx) => publishMessage(tx, asRun(sending), { ...sent, source: `/${sending}` }));
    const subscribe = (runId: string) =>
      test.database.inOrg(orgId, (tx) => subscribeToChannel(tx, asRun(runId), 'com.example.paid'));
    await send({ ...event, id: 'before' });
    for (const runId of [hearing, hearing, sending]) await subscribe(runId);
    await send(event);
    await send(event);
    const due = await claim();
    expect([due.get(hearing), due.get(sending)]).toEqual([[[1, 7]], [[1, 7]]]);
  });

  it('delivers to every open run that listens for the type, numbered for each, and once for the same source and id', async () => {
    const orgId = uuidv7();
    const [a, both, every, over, elsewhere] = [
      await listeningRun(test.database, orgId, listen('a')),
      await listeningRun(test.database, orgId, [...listen('a'), ...listen('b').map((t) => ({ more: t['hear']! }))]),
      await listeningRun(test.database, orgId, listen('[a-z]')),
      await listeningRun(test.database, orgId, listen('a')),
      await listeningRun(test.database, uuidv7(), listen('a')),
    ];
    await finish(orgId, over);
    expect(await publish(orgId, eventOf('a', '1', 1), eventOf('b', '2', 2))).toEqual([
      { deliveries: 3 },
      { deliveries: 2 },
    ]);
    expect(await publish(orgId, eventOf('a', '1', 1), eventOf('a', '3', 3), eventOf('a', '3', 3))).toEqual([
      { duplicate: true, isConflict: false },
      { deliveries: 3 },
      { duplicate: true, isConflict: false },
    ]);
    expect(await publish(orgId, eventOf('a', '1', 99))).toEqual([{ duplicate: true, isConflict: true }]);
    expect(await publish(uuidv7(), eventOf('a'))).toEqual([{ deliveries: 0 }]);
    const due = await claim();
    expect(due.get(a)).toEqual([
      [1, 1],
      [2, 3],
    ]);
    const all = [
      [1, 1],
      [2, 2],
      [3, 3],
    ];
    expect([due.get(both), due.get(every), due.has(over), due.has(elsewhere)]).toEqual([all, all, false, false]);
  });

  it('numbers what many publish at once without a gap, in the order of each', async () => {
    const orgId = uuidv7();
    const runs = [
      await listeningRun(test.database, orgId, listen('n')),
      await listeningRun(test.database, orgId, listen('n')),
    ];
    const publisher = async (name: string) => {
      for (let n = 0; n < 10; n += 1) await publish(orgId, eventOf('n', `${name}${n}`), eventOf('n', `${name}${n}+`));
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(publisher));
    const due = await claimDeliveries(test.database, 500);
    for (const run of runs) {
      const { events } = due.find(({ listenerId }) => listenerId === run)!;
      expect(events.map(({ number }) => number)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
      const ofA = events.flatMap(({ event: { id } }) => (id.startsWith('a') ? [id] : []));
      expect(ofA).toEqual(ofA.toSorted());
    }
  });

  it('gives a delivery again until it is settled, and all of them to a run that begins anew', async () => {
    const orgId = uuidv7();
    const run = await listeningRun(test.database, orgId, listen('x'));
    await publish(orgId, eventOf('x', '1', 1), eventOf('x', '2', 2));
    expect((await claim()).get(run)).toHaveLength(2);
    expect((await claim()).has(run)).toBe(false);
    await test.database.inOrg(orgId, (tx) => settleDeliveries(tx, run, [1], 'delivered'));
    await makeDue();
    expect((await claim()).get(run)).toEqual([[2, 2]]);
    await test.database.inOrg(orgId, (tx) => redeliver(tx, run));
    await makeDue();
    expect((await claim()).get(run)).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('is brought what a run sends, once, by way of its stream; the run itself has heard it', async () => {
    const orgId = uuidv7();
    const sender = await listeningRun(test.database, orgId, listen('told'));
    const hearer = await listeningRun(test.database, orgId, listen('told'));
    const events = new RunEventWriter(test.database);
    const data = { path: '/do/0/tell', id: 'e1', type: 'told', source: '/me', data: 7, attributes: { subject: 's' } };
    const emitted = { key: 'event/do/0/tell', type: 'event.emitted' as const, data };
    await events.append(orgId, sender, [emitted]);
    await events.append(orgId, sender, [emitted]);
    expect(await publishOutbox(test.database)).toBe(true);
    expect(await publishOutbox(test.database)).toBe(false);
    const due = await claim();
    expect([due.has(sender), due.get(hearer)]).toEqual([false, [[1, 7]]]);
    const { items } = await test.database.inOrg(orgId, (tx) => listEvents(tx, { limit: 10 }));
    expect(items).toMatchObject([
      { event: { id: 'e1', subject: 's', source: '/me' }, runId: sender, deliveries: { pending: 1, delivered: 0 } },
    ]);
    expect(items).toHaveLength(1);
  });

  it('brings how runs of definitions go to those who name it, of those only how their whole run goes', async () => {
    const orgId = uuidv7();
    const quiet = await listeningRun(test.database, orgId, listen('.+'));
    const early = await listeningRun(test.database, orgId, listen('x'));
    const writer = new RunEventWriter(test.database);
    const started = { key: 'run/started', type: 'run.started' as const, data: { resumed: false } };
    const task = { key: 'step/do/0/a/started', type: 'step.started' as const, data: { path: '/do/0/a', name: 'a' } };
    await writer.append(orgId, early, [started, task]);
    expect(await publishOutbox(test.database)).toBe(false);
    const watcher = await listeningRun(test.database, orgId, listen('io\\.serverlessworkflow\\..+'));
    const watched = await listeningRun(test.database, orgId, listen('x'));
    const another = await listeningRun(test.database, orgId, listen('io.serverlessworkflow.workflow.started.v1'));
    for (const run of [watched, watcher, another]) await writer.append(orgId, run, [started, task]);
    await finish(orgId, watched);
    expect(await publishOutbox(test.database)).toBe(true);
    await makeDue();
    const due = await claimDeliveries(test.database, 500);
    const heard = (listener: string) =>
      due
        .find(({ listenerId }) => listenerId === listener)
        ?.events.map(({ event: { type, source } }) => [type.slice(22), source.slice(-36)]);
    expect(heard(watcher)).toEqual([
      ['workflow.started.v1', watched],
      ['task.created.v1', watched],
      ['task.started.v1', watched],
      ['workflow.completed.v1', watched],
      ['workflow.started.v1', another],
    ]);
    expect(heard(another)).toEqual([
      ['workflow.started.v1', watcher],
      ['workflow.started.v1', watched],
    ]);
    const ended = due.flatMap(({ events }) => events).find(({ event }) => event.type.endsWith('completed.v1'));
    expect(ended?.event['data']).toMatchObject({ output: null });
    expect(heard(quiet)).toBeUndefined();
  });

  it('tells of the tasks that a pause holds, and of no listener which those are', async () => {
    const orgId = uuidv7();
    const watcher = await listeningRun(test.database, orgId, listen('io\\.serverlessworkflow\\.task\\..+'));
    const watched = await listeningRun(test.database, orgId, listen('x'));
    const writer = new RunEventWriter(test.database);
    const about = (path: string) => ({ path, name: path.slice(-1) });
    const started = (path: string, key = path) =>
      ({ key: `step${key}/started`, type: 'step.started', data: about(path) }) as const;
    const finished = (path: string, key = path) =>
      ({ key: `step${key}/finished`, type: 'step.finished', data: { ...about(path), outcome: 'completed' } }) as const;
    const tell = (...events: Parameters<typeof writer.append>[2]) => writer.append(orgId, watched, events);
    await tell(started('/do/0/a'), started('/do/0/a/do/0/b'), finished('/do/0/a/do/0/b'));
    await tell(started('/do/0/a/do/0/b', '/do/0/a/do/0/b/2'), started('/do/0/a/do/1/c'));
    await tell({ key: 'pause/1', type: 'run.paused', data: {} }, finished('/do/0/a/do/1/c'));
    await tell({ key: 'pause/1/over', type: 'run.resumed', data: {} }, finished('/do/0/a'));
    await writer.append(orgId, watcher, [started('/do/0/w'), { key: 'pause/1', type: 'run.paused', data: {} }]);
    while (await publishOutbox(test.database));
    await makeDue();
    const told = (await claimDeliveries(test.database, 500))
      .filter(({ listenerId }) => listenerId === watcher)
      .flatMap(({ events }) => events.map(({ event }) => event))
      .filter(({ type }) => /task\.(suspended|resumed)/.test(type))
      .map(({ type, data }) => [type.slice(27), (data as { task: string }).task]);
    expect(told).toEqual([
      ['suspended.v1', '/do/0/a'],
      ['suspended.v1', '/do/0/a/do/0/b'],
      ['suspended.v1', '/do/0/a/do/1/c'],
      ['resumed.v1', '/do/0/a'],
      ['resumed.v1', '/do/0/a/do/0/b'],
    ]);
  });

  it('forgets old events, but not those that an open run may have to hear again', async () => {
    const orgId = uuidv7();
    const [open, ended] = [
      await listeningRun(test.database, orgId, listen('open')),
      await listeningRun(test.database, orgId, listen('ended')),
    ];
    await publish(orgId, eventOf('open', 'kept'), eventOf('ended', 'gone'), eventOf('nobody', 'gone too'));
    await finish(orgId, ended);
    await asOwner(test.ownerUrl, async (owner) => {
      await owner.query(`UPDATE bus_event SET accepted_at = now() - interval '2 d'`);
      await owner.query(`UPDATE run SET finished_at = now() - interval '2 min' WHERE finished_at IS NOT NULL`);
    });
    await sweepEvents(test.database, DAY_MS);
    const { items } = await test.database.inOrg(orgId, (tx) => listEvents(tx, { limit: 10 }));
    expect(items.map(({ event }) => event['id'])).toEqual(['kept']);
    await makeDue();
    expect([...(await claim()).keys()]).toContain(open);
    const left = await test.database.inOrg(orgId, (tx) => tx('SELECT FROM bus_subscription'));
    expect(left).toHaveLength(1);
  });

  it('lists the newest first, page by page, by type and source', async () => {
    const orgId = uuidv7();
    for (const id of ['1', '2', '3']) await publish(orgId, eventOf(id === '2' ? 'other' : 'same', id));
    const list = (query: object) => test.database.inOrg(orgId, (tx) => listEvents(tx, { limit: 2, ...query }));
    const first = await list({});
    const second = await list({ cursor: first.nextCursor! });
    const ids = ({ items }: typeof first) => items.map(({ event }) => event['id']);
    expect([ids(first), ids(second), second.nextCursor]).toEqual([['3', '2'], ['1'], null]);
    expect(ids(await list({ type: 'same' }))).toEqual(['3', '1']);
    expect(ids(await list({ source: '/nobody' }))).toEqual([]);
  });
});
