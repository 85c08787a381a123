import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BusEvent, PublishedEvent } from '../../contracts/event-bus.js';
import type { TaskList } from '../../contracts/definition-tasks.js';
import type { Run } from '../../contracts/runs.js';
import { until } from '../support/until.js';
import { LaunchedBrikk } from '../support/brikk.js';

jest.setTimeout(120_000);

const definitionOf = (name: string, tasks: TaskList, rest: object = {}) => ({
  document: { dsl: '1.0.3', namespace: 'e2e', name, version: '1.0.0' },
  ...rest,
  do: tasks,
});

describe('events with the launched product', () => {
  let brikk: LaunchedBrikk;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
  });
  afterAll(() => brikk?.down());

  const start = async (tasks: TaskList, input: unknown = null, name = 'events') =>
    (await brikk.start({ definition: definitionOf(name, tasks), input })).id;
  const publish = (event: object) => brikk.call<PublishedEvent>('POST', '/v1/events', event);
  const isWaiting = (id: string) => brikk.reached(id, ({ status }) => status === 'waiting');
  const paid = (expect_: string): TaskList => [
    {
      hear: {
        listen: {
          to: { one: { with: { type: 'order.paid' }, correlate: { order: { from: '.data.order', expect: expect_ } } } },
        },
      },
    },
  ];

  it('wake the run that waits for them, also published by the command line; others go on waiting', async () => {
    const [seven, eight] = [
      await start(paid('${ .order }'), { order: 7 }),
      await start(paid('${ .order }'), { order: 8 }),
    ];
    await isWaiting(seven);
    await isWaiting(eight);
    const said = await brikk.brikk(['events', 'publish', 'order.paid', '--data', '{"order":7}', '--id', 'paid-7']);
    expect(said).toBe('paid-7 is accepted; 2 listeners hear it.\n');
    expect(await brikk.finished(seven)).toMatchObject({ status: 'completed', output: [{ order: 7 }] });
    expect(await brikk.brikk(['events', 'publish', 'order.paid', '--data', '{"order":7}', '--id', 'paid-7'])).toMatch(
      /before/,
    );
    expect((await brikk.events(seven)).filter(({ type }) => type === 'event.heard')).toMatchObject([
      { data: { path: '/do/0/hear', id: 'paid-7', type: 'order.paid' } },
    ]);
    await publish({ type: 'order.paid', data: { order: 8 } });
    expect(await brikk.finished(eight)).toMatchObject({ output: [{ order: 8 }] });
    expect(await brikk.brikk(['events', 'list', '--type', 'order.paid'])).toMatch(/order\.paid +paid-7 .* 0 +2 +0 /);
  });

  it('that one run emits wake another, in the order in which they were sent', async () => {
    const to = { any: [{ with: { type: 'step.done' } }], until: 'length == 3' };
    const hearer = await start([{ hear: { listen: { to } } }]);
    await isWaiting(hearer);
    const tell = (n: number) => ({ [`t${n}`]: { emit: { event: { with: { type: 'step.done', data: n } } } } });
    await start([tell(1), tell(2), tell(3)]);
    expect(await brikk.finished(hearer)).toMatchObject({ output: [1, 2, 3] });
  });

  it('are the messages of channels inside of the installation, between runs and with whoever publishes events', async () => {
    const document = {
      asyncapi: '3.0.0',
      servers: { brikk: { host: 'brikk', protocol: 'in-process' } },
      channels: {
        stock: { address: 'stock.counted', messages: { one: { payload: { properties: { n: { type: 'integer' } } } } } },
      },
      operations: { tell: { action: 'send', channel: { $ref: '#/channels/stock' } } },
    };
    const server = createServer((_, answer) => answer.end(JSON.stringify(document))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/asyncapi.json`;
    try {
      const called = (more: object): TaskList => [
        { ask: { call: 'asyncapi', with: { document: { endpoint }, operation: 'tell', ...more } as never } },
      ];
      const subscription = {
        filter: '${ .payload.n > 1 }',
        consume: { amount: 2 },
        foreach: { item: 'message', do: [{ ten: { set: '${ $message.payload.n * 10 }' } }] },
      };
      const consumer = await start(called({ subscription }), null, 'consumer');
      await isWaiting(consumer);
      await start(called({ message: { payload: { n: 1 } } }));
      const told = await brikk.finished(await start(called({ message: { payload: { n: 2 } } })));
      expect(told).toMatchObject({ status: 'completed', output: { payload: { n: 2 } } });
      await publish({ type: 'stock.counted', data: { n: 3 } });
      const { status, output } = await brikk.finished(consumer);
      expect({ status, output }).toEqual({ status: 'completed', output: [20, 30] });
      const wrong = await brikk.finished(await start(called({ message: { payload: { n: 'many' } } })));
      expect(wrong).toMatchObject({ status: 'failed', error: { code: 'workflow.validation' } });
    } finally {
      server.close();
    }
  });

  it('tell one run of the end of another', async () => {
    const data = '${ .definition.name == "watched" }';
    const one = { with: { type: 'io.serverlessworkflow.workflow.completed.v1', data } };
    const watcher = await start([{ hear: { listen: { to: { one } }, output: { as: '.[0].runId' } } }], null, 'watcher');
    await isWaiting(watcher);
    await start([{ give: { set: { n: 1 } } }], null, 'other');
    const watched = await start([{ give: { set: { n: 2 } } }], null, 'watched');
    expect(await brikk.finished(watcher)).toMatchObject({ status: 'completed', output: watched });
  });

  it('start runs of what is scheduled on them, one for each match, of the newest version', async () => {
    const all = ['made', 'paid'].map((kind) => ({
      with: { type: `cart.${kind}` },
      correlate: { cart: { from: '.data.cart' } },
    }));
    const scheduled = (version: string, rest: object) => ({
      document: { dsl: '1.0.3', namespace: 'e2e', name: 'carts', version },
      ...rest,
      do: [{ give: { set: { version, carts: '${ map(.cart) }' } } }],
    });
    await brikk.call(
      'POST',
      '/v1/workflows',
      scheduled('1.0.0', { schedule: { on: { one: { with: { type: 'never' } } } } }),
    );
    await brikk.call('POST', '/v1/workflows', scheduled('1.1.0', { schedule: { on: { all } } }));
    const carts = [1, 2].flatMap((cart) => [
      { type: 'cart.made', data: { cart } },
      { type: 'cart.paid', data: { cart } },
    ]);
    await brikk.call('POST', '/v1/events/batch', [carts[0], carts[2], carts[3], carts[1]]);
    const runs = async () => (await brikk.call<{ items: Run[] }>('GET', '/v1/runs?workflow=e2e/carts')).items;
    await until(async () => (await runs()).filter(({ status }) => status === 'completed').length === 2);
    const ended = await Promise.all((await runs()).map(({ id }) => brikk.finished(id)));
    expect(ended.map(({ output }) => output)).toEqual([
      { version: '1.1.0', carts: [1, 1] },
      { version: '1.1.0', carts: [2, 2] },
    ]);
    await brikk.call('POST', '/v1/workflows', scheduled('1.2.0', {}));
    expect(await publish({ type: 'cart.made', data: { cart: 3 } })).toMatchObject({ deliveries: 0 });
  });

  it('are accepted while the engine is down, and heard when it is back, each once', async () => {
    const to = { any: [{ with: { type: 'counted' } }], until: 'length == 5' };
    const id = await start([{ hear: { listen: { to } } }]);
    await isWaiting(id);
    const { temporal } = await brikk.status();
    process.kill(temporal.pid, 'SIGKILL');
    for (const n of [1, 2, 3, 4]) expect(await publish({ type: 'counted', data: n })).toMatchObject({ deliveries: 1 });
    await publish({ type: 'counted', data: 5 });
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: [1, 2, 3, 4, 5] });
    const { items } = await brikk.call<{ items: BusEvent[] }>('GET', '/v1/events?type=counted');
    expect(items.map(({ deliveries }) => deliveries.pending + deliveries.delivered + deliveries.dropped)).toEqual([
      1, 1, 1, 1, 1,
    ]);
  });
});
