import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import type { Json } from '../../../contracts/json.js';
import type { ServerCall } from '../../../contracts/language-activities.js';
import { definitionOf, TestInterpreter } from '../../../test/support/interpreted.js';

jest.setTimeout(60_000);

const DOCUMENT = { endpoint: 'https://shop.example.com/asyncapi.yaml' };

describe('messages of AsyncAPI channels', () => {
  let tested: TestInterpreter;
  let sent: ServerCall[];
  let answer: Json;
  beforeAll(async () => {
    tested = await TestInterpreter.start({
      callServer: async (call) => {
        sent.push(call);
        return { key: call.key, status: 'completed', output: { inline: answer }, queueMs: 0, execMs: 1 };
      },
    });
  });
  beforeEach(() => {
    sent = [];
  });
  afterAll(() => tested.stop());

  const subscribing = (subscription: object): TaskList => [
    { hear: { call: 'asyncapi', with: { document: DOCUMENT, operation: 'hear', subscription } } } as TaskList[number],
  ];
  /** The run emits these to its own channel, in a branch beside. */
  const beside = (subscription: object, ...orders: Json[]) =>
    definitionOf([
      {
        both: {
          fork: {
            branches: [
              ...subscribing(subscription),
              {
                tell: {
                  do: orders.map((data, at) => ({ [`e${at}`]: { emit: { event: { with: { type: 'paid', data } } } } })),
                },
              },
            ],
          },
          output: { as: '.[0]' },
        },
      },
    ] as TaskList);

  it('ends the run where the tasks of a message lead to its end', async () => {
    const to = (n: number): TaskList => [
      { r: { switch: [{ yes: { when: `.payload == ${n}`, then: 'end' } }, { no: { then: 'exit' } }] } },
    ];
    answer = [{ payload: 1 }, { payload: 2 }, { payload: 3 }];
    const tasks = [...subscribing({ consume: { amount: 3 }, foreach: { do: to(2) } }), { never: { set: 'never' } }];
    expect(await tested.outputOf(tasks)).toEqual([{ payload: 1 }, { payload: 2 }]);
    answer = { type: 'paid' };
    const inside = { consume: { amount: 3 }, foreach: { do: to(1) } };
    // It ends the fork with its own output, of which the first is shown.
    expect(await tested.outputOf(beside(inside, 1, 2, 3))).toEqual({ payload: 1 });
  });

  it('asks for a message to be published, with what is evaluated in it', async () => {
    answer = { payload: { n: 7 } };
    const message = { payload: { n: '${ .n }' }, headers: { a: 'b' } };
    const given = {
      document: DOCUMENT,
      channel: 'c',
      protocol: 'http',
      server: { name: 's', variables: { v: '${ .n }' } },
    };
    const task = { tell: { call: 'asyncapi', with: { ...given, message } } };
    expect(await tested.outputOf([task] as TaskList, { n: 7 })).toEqual(answer);
    expect(sent[0]).toMatchObject({
      request: { kind: 'asyncapi', document: DOCUMENT.endpoint, channel: 'c', protocol: 'http', server: 's' },
      parts: { request: { inline: { message: { payload: { n: 7 }, headers: { a: 'b' } }, variables: { v: 7 } } } },
      timeoutMs: 60_000,
    });
    expect(sent[0]!.request).not.toHaveProperty('consume');
  });

  it('performs tasks for each message that came, with the policy and its variables sent along', async () => {
    answer = [{ payload: 1 }, { payload: 2 }];
    const foreach = {
      item: 'm',
      do: [{ s: { set: '${ {n: $m.payload, at: $index} }' } }],
      export: { as: '[$context, .]' },
    };
    const consume = { while: '$input.more', for: 'PT2S' };
    const tasks = [
      ...subscribing({ filter: '${ .payload > 0 }', consume, foreach }),
      { c: { set: '${ [., $context] }' } },
    ];
    const made = [
      { n: 1, at: 0 },
      { n: 2, at: 1 },
    ];
    expect(await tested.outputOf(tasks as TaskList, { more: true })).toEqual([
      made,
      [[{ more: true }, made[0]], made[1]],
    ]);
    expect(sent[0]).toMatchObject({
      request: { consume: { forMs: 2_000, variables: { input: { inline: { more: true } } } } },
      timeoutMs: 62_000,
    });
  });

  it.each<[string, object, number[]]>([
    ['until one after which it holds', { consume: { until: '${ $context == 2 }' } }, [1, 2]],
    ['while it holds after each', { consume: { while: '${ $context < 3 }' } }, [1, 2, 3]],
    ['those that pass after what came before', { filter: '${ $context != 1 }', consume: { amount: 4 } }, [1]],
  ])('performs tasks for messages, which change what it goes by: %s', async (_, policy, expected) => {
    answer = [1, 2, 3, 4].map((payload) => ({ payload }));
    const foreach = { do: [{ s: { set: '${ $item.payload }' } }], export: { as: '.' } };
    expect(await tested.outputOf(subscribing({ ...policy, foreach }), { first: true })).toEqual(expected);
    const paths = tested.agents.events.flatMap(({ data }) => ('path' in data ? [data.path] : []));
    expect(paths).toContain('/do/0/hear/with/subscription/foreach/do/0/s');
  });

  it('hears channels inside of the installation itself: those that pass, as many as wanted', async () => {
    answer = { type: 'paid', schema: { properties: { payload: { type: 'object' } } }, correlation: '/payload/n' };
    const subscription = { filter: '.payload.n != 2', consume: { amount: 2 } };
    expect(await tested.outputOf(beside(subscription, { n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }))).toEqual([
      { payload: { n: 1 }, correlationId: 1 },
      { payload: { n: 3 }, correlationId: 3 },
    ]);
  });

  it.each<[string, Json | undefined]>([
    ['/payload/a~1b/m~0n', 7],
    ['/payload/toString', undefined],
  ])('correlates by the JSON pointer %s', async (correlation, correlationId) => {
    answer = { type: 'paid', correlation };
    const payload = { 'a/b': { 'm~n': 7 } };
    expect(await tested.outputOf(beside({ consume: { amount: 1 } }, payload))).toEqual([
      { payload, ...(correlationId !== undefined && { correlationId }) },
    ]);
  });

  it.each<[string, object, number[]]>([
    ['until it holds before one', { until: '.payload == 3' }, [1, 2]],
    ['while it holds after each', { while: '.payload < 3' }, [1, 2, 3]],
    ['as long as the time is', { amount: 9, for: 'PT1S' }, [1, 2, 3, 4]],
    ['none when none are wanted', { amount: 0 }, []],
  ])('hears them %s', async (_, consume, expected) => {
    answer = { type: 'paid' };
    const foreach = { do: [{ s: { set: '${ $item.payload }' } }] };
    expect(await tested.outputOf(beside({ consume, foreach }, 1, 2, 3, 4))).toEqual(expected);
  });

  it('fails by a message that breaks the schema', async () => {
    answer = { type: 'paid', schema: { type: 'number' } };
    const { status, error } = await tested.run(beside({ consume: { amount: 1 } }, 'text'));
    expect([status, error?.message]).toEqual(['failed', 'message: must be "number"']);
  });
});
