import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ListenTask, TaskList } from '../../../contracts/definition-tasks.js';
import type { Json } from '../../../contracts/json.js';
import type { CallResult } from '../../../contracts/run-workflow.js';
import { definitionOf, startDefinition, TestInterpreter } from '../../../test/support/interpreted.js';
import { ScriptedAgents } from '../../../test/support/scripted-agents.js';
import { until as untilItHolds } from '../../../test/support/until.js';

jest.setTimeout(60_000);

describe('a run of a definition that lasts', () => {
  let tested: TestInterpreter;
  beforeAll(async () => {
    const made: CallResult = { key: 'do/1/page', status: 'completed', output: { inline: 1 }, queueMs: 0, execMs: 0 };
    tested = await TestInterpreter.start({ callHttp: async () => made });
  });
  afterAll(() => tested.stop());

  const heard = (type: string, data: Json, id = type) => ({
    name: 'x',
    data: { id, specversion: '1.0', source: '/s', type, data },
  });
  async function listening(listen: ListenTask, events: { name: string; data: Json }[], input: Json = {}) {
    tested.agents = new ScriptedAgents(() => ({ output: null }));
    const handle = await startDefinition(tested.worker, definitionOf([{ hear: listen }]), input);
    for (const event of events) await handle.signal('signal', event);
    await handle.result();
    const { json: output, error } = tested.agents.end!;
    return error ?? output;
  }

  it('makes a fork of 200 branches in one history, with their outputs in order', async () => {
    tested.agents = new ScriptedAgents((_, input) => ({ output: input }));
    const branches: TaskList = Array.from({ length: 200 }, (_, n) => ({
      [`b${n}`]: { call: 'agent', with: { agent: 'echo', input: `\${ ${n} }` } },
    }));
    const handle = await startDefinition(tested.worker, definitionOf([{ wide: { fork: { branches } } }]));
    expect(await handle.result()).toBe('completed');
    expect(tested.agents.end!.json).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect((await handle.describe()).historyLength).toBeLessThan(2_000);
  });

  it('goes on in a new history between rounds and between tasks, and loses nothing', async () => {
    tested.agents = new ScriptedAgents((_, input) => ({ output: input }));
    const branches = Array.from({ length: 20 }, (_, n) => ({ [`b${n}`]: { call: 'agent', with: { agent: 'echo' } } }));
    const rounds: TaskList = [
      {
        first: {
          call: 'agent',
          with: { agent: 'echo', input: { sum: 0 } },
          export: { as: '{ kept: "context" }' },
        },
      },
      {
        loop: {
          input: { from: '. + { from: 1 }' },
          for: { in: '[range(70)]' },
          do: [
            { ask: { input: { from: '{ n: $item }' }, fork: { branches }, output: { as: '{ sum: ($item + 1) }' } } },
          ],
          output: { as: '{ sum: .sum, from: $input.from }' },
        },
      },
      { hear: { listen: { to: { one: { with: { type: 'early' } } } }, output: { as: '$input + { heard: .[0] }' } } },
      { last: { set: { sum: '${ .sum }', from: '${ .from }', heard: '${ .heard }', kept: '${ $context.kept }' } } },
      { told: { call: 'agent', with: { agent: 'echo', context: { pass: ['first'] } } } },
    ];
    const handle = await startDefinition(tested.worker, definitionOf(rounds));
    await handle.signal('signal', heard('early', 'yes'));
    expect(await handle.result()).toBe('completed');
    expect(tested.agents.end!.json).toEqual({ sum: 70, from: 1, heard: 'yes', kept: 'context' });
    expect(new Set(tested.agents.keys).size).toBe(1_402);
    expect(tested.agents.keys).toHaveLength(1_402);
    const entry = { object: { path: { inline: '/do/0/first' }, output: { inline: { sum: 0 } } } };
    const { context } = tested.agents.made.find(({ key }) => key === 'do/4/told') ?? {};
    expect(context).toEqual({ object: { history: { list: [entry] } } });
    const { firstExecutionRunId } = handle as unknown as { firstExecutionRunId: string };
    const first = await tested.worker.client.workflow.getHandle(handle.workflowId, firstExecutionRunId).fetchHistory();
    expect(first.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes).toBeTruthy();
    expect(first.events?.length).toBeLessThan(4_096);
    const keys = tested.agents.events.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => key === 'step/do/1/loop/started')).toHaveLength(1);
  });

  it('gives up a silent worker as soon as the task says that made the call, those inside it included', async () => {
    tested.agents = new ScriptedAgents(() => ({ output: 1 }));
    const ask: TaskList = [{ ask: { call: 'agent', with: { agent: 'echo' } } }];
    const http = { call: 'http', with: { method: 'get', endpoint: 'https://a.example.com' } } as const;
    const patient = { metadata: { brikk: { heartbeat: 'PT30S' } } };
    const tasks: TaskList = [
      { outer: { do: ask, ...patient } },
      { page: { ...http, ...patient } },
      { hasty: { ...http, metadata: { brikk: { heartbeat: { milliseconds: 1 } } } } },
      { last: { do: ask } },
    ];
    const handle = await startDefinition(tested.worker, definitionOf(tasks));
    expect(await handle.result()).toBe('completed');
    const { events } = await handle.fetchHistory();
    const scheduled = events?.flatMap(({ activityTaskScheduledEventAttributes: about }) => about ?? []) ?? [];
    const silences = scheduled
      .filter(({ activityType }) => ['callAgents', 'callHttp'].includes(activityType?.name ?? ''))
      .map(({ heartbeatTimeout }) => Number(heartbeatTimeout?.seconds) + Number(heartbeatTimeout?.nanos ?? 0) / 1e9);
    expect(silences).toEqual([30, 30, 1, 10]);
  });

  it('hears the one event that it waits for, whenever it comes, and each once', async () => {
    const to = { one: { with: { type: 'order\\..+', data: '${ .amount > 5 }' } } };
    const events = [
      heard('order.made', { amount: 1 }, 'a'),
      heard('other', { amount: 9 }),
      heard('order.made', { amount: 7 }, 'b'),
    ];
    expect(await listening({ listen: { to } }, [...events, events[2]!])).toEqual([{ amount: 7 }]);
    expect(
      await listening({ listen: { to: { one: { with: { type: 'note' } } } } }, [{ name: 'note', data: 'hi' }]),
    ).toEqual(['hi']);
  });

  it('ends at its deadline, whatever it waits for', async () => {
    tested.agents = new ScriptedAgents(() => ({ output: null }));
    const tasks: TaskList = [
      { a: { set: '${ 1 }' } },
      { never: { listen: { to: { one: { with: { type: 'never' } } } } } },
    ];
    const handle = await startDefinition(tested.worker, definitionOf(tasks), {}, { deadlineMs: 400 });
    expect(await handle.result()).toBe('timed_out');
    expect(tested.agents.end).toMatchObject({ terminationReason: 'deadline', json: 1 });
  });

  it('correlates events with data and with each other', async () => {
    const expecting = { id: { from: '.data.id', expect: '${ .order }' } };
    const one: ListenTask = {
      listen: { to: { one: { with: { type: 'paid' }, correlate: expecting } }, read: 'envelope' },
    };
    const events = [heard('paid', { id: 1 }, 'a'), heard('paid', { id: 2 }, 'b')];
    expect(await listening(one, events, { order: 2 })).toMatchObject([{ id: 'b', type: 'paid', data: { id: 2 } }]);
    const same = { id: { from: '.data.id' } };
    const all = ['made', 'paid'].map((type) => ({ with: { type }, correlate: same }));
    const mixed = [heard('made', { id: 3 }), heard('paid', { id: 4 }, 'x'), heard('paid', { id: 3 }, 'y')];
    expect(await listening({ listen: { to: { all } } }, mixed)).toEqual([{ id: 3 }, { id: 3 }]);
    const told = tested.agents.events.filter(({ type }) => type.startsWith('correlation.'));
    expect(told).toMatchObject([
      { type: 'correlation.started', data: { path: '/do/0/hear' } },
      { type: 'correlation.completed', data: { path: '/do/0/hear', keys: { id: 3 } } },
    ]);
  });

  it('hears any events until something holds or happens, and works on each as it comes', async () => {
    const events = [1, 2, 3].map((n) => heard('measured', n, String(n)));
    const foreach = { item: 'value', at: 'place', do: [{ double: { set: '${ $value * 2 + $place }' } }] };
    expect(await listening({ listen: { to: { any: [], until: 'length == 2' } }, foreach }, events)).toEqual([2, 5]);
    const until = { one: { with: { type: 'stop' } } };
    const to = { any: [{ with: { type: 'measured' } }], until };
    expect(await listening({ listen: { to } }, [...events, heard('stop', null)])).toEqual([1, 2, 3]);
  });

  it('hears a thousand events of the bus, each once and in order, in a short history', async () => {
    tested.agents = new ScriptedAgents(() => ({ output: null }));
    const to = { any: [{ with: { type: 'counted' } }], until: 'length == 1000' };
    const tasks: TaskList = [{ hear: { listen: { to }, output: { as: '{ n: length, sum: add, first: .[0] }' } } }];
    const handle = await startDefinition(tested.worker, definitionOf(tasks));
    const numbered = (number: number) => ({
      number,
      event: { id: String(number), specversion: '1.0', source: '/s', type: 'counted', data: number },
    });
    // As the worker sends them: in parts, one of them twice, and two overtaken.
    const parts = Array.from({ length: 10 }, (_, part) =>
      Array.from({ length: 100 }, (__, n) => numbered(part * 100 + n + 1)),
    );
    for (const part of [0, 2, 1, 1, 3, 5, 4, 6, 7, 8, 9]) await handle.signal('events', parts[part]);
    expect(await handle.result()).toBe('completed');
    expect(tested.agents.end!.json).toEqual({ n: 1_000, sum: 500_500, first: 1 });
    expect((await handle.describe()).historyLength).toBeLessThan(300);
    expect(tested.agents.events.filter(({ type }) => type === 'event.heard')).toHaveLength(1_000);
  });

  it('hears a thousand events with a call for each, in several histories, and loses and repeats nothing', async () => {
    tested.agents = new ScriptedAgents((_, input) => ({ output: input }));
    const counted = { with: { type: 'counted' }, correlate: { run: { from: '.data.run' } } };
    const until = { all: [{ with: { type: 'first' } }, { with: { type: 'second' } }] };
    const ask: TaskList = [
      { ask: { call: 'agent', with: { agent: 'echo', input: '${ $item.n }' }, output: { as: '. + $place' } } },
    ];
    const foreach = { at: 'place', do: ask, export: { as: '$context + { last: $output }' } };
    const tasks: TaskList = [
      { hear: { listen: { to: { any: [counted], until } }, foreach, output: { as: '{ n: length, sum: add }' } } },
      { told: { set: { heard: '${ . }', last: '${ $context.last }' } } },
    ];
    const handle = await startDefinition(tested.worker, definitionOf(tasks), {}, { deadlineMs: 200_000 });
    const numbered = (number: number, type: string, data: Json) => ({
      number,
      event: { id: String(number), specversion: '1.0', source: '/s', type, data },
    });
    const of = (from: number, count: number, run = 'mine') =>
      Array.from({ length: count }, (_, n) => numbered(from + n, 'counted', { n: from + n, run }));
    await handle.signal('events', [...of(1, 400), numbered(401, 'first', null), ...of(402, 1, 'other')]);
    await untilItHolds(() => tested.agents.keys.length >= 380, 60_000);
    await handle.signal('events', of(403, 500));
    await untilItHolds(() => tested.agents.keys.length >= 880, 60_000);
    await handle.signal('events', [...of(903, 100), numbered(1_003, 'second', null)]);
    expect(await handle.result()).toBe('completed');
    // 1 to 1,002 without the two that are no part of it, and the place of each.
    const sum = (1_002 * 1_003) / 2 - 401 - 402 + (999 * 1_000) / 2;
    expect(tested.agents.end!.json).toEqual({ heard: { n: 1_000, sum }, last: 1_002 + 999 });
    expect(new Set(tested.agents.keys).size).toBe(1_000);
    expect(tested.agents.keys).toHaveLength(1_000);
    const { events } = tested.agents;
    expect(events.filter(({ type }) => type === 'event.heard')).toHaveLength(1_000);
    expect(events.filter(({ type }) => type.startsWith('correlation.'))).toMatchObject([
      { type: 'correlation.started' },
      { type: 'correlation.completed', data: { keys: { run: 'mine' } } },
    ]);
    const { firstExecutionRunId } = handle as unknown as { firstExecutionRunId: string };
    const first = await tested.worker.client.workflow.getHandle(handle.workflowId, firstExecutionRunId).fetchHistory();
    expect(first.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes).toBeTruthy();
    expect(first.events?.length).toBeLessThan(4_096);
    expect((await handle.describe()).historyLength).toBeLessThan(4_096);
  }, 180_000);

  it('heeds the schema of what an event exports, and an event that leads to the end of the run', async () => {
    const events = [1, 2, 3].map((data) => heard('a', data, String(data)));
    const to = { any: [{ with: { type: 'a' } }], until: 'length == 3' };
    const schema = { document: { type: 'string' } };
    const exported = { listen: { to }, foreach: { export: { as: '{ last: $item }', schema } } };
    expect(await listening(exported, events)).toMatchObject({
      code: 'workflow.validation',
      path: '/do/0/hear/foreach/do',
      message: 'export: must be "string"',
    });
    const second: TaskList = [
      { route: { switch: [{ yes: { when: '. == 2', then: 'end' } }, { no: { then: 'exit' } }] } },
    ];
    for (const until of ['length == 3', { one: { with: { type: 'stop' } } }]) {
      const hear = { listen: { to: { ...to, until } }, foreach: { do: second } };
      const handle = await startDefinition(tested.worker, definitionOf([{ hear }, { never: { set: 'never' } }]));
      for (const event of events) await handle.signal('signal', event);
      await handle.result();
      expect(tested.agents.end!.json).toEqual([1, 2]);
    }
  });

  it('hears what a branch of its own sends', async () => {
    const branches: TaskList = [
      { hear: { listen: { to: { one: { with: { type: 'ready' } } } } } },
      { tell: { emit: { event: { with: { type: 'ready', data: { n: '${ .n }' } } } }, output: { as: '.type' } } },
    ];
    expect(await tested.outputOf([{ both: { fork: { branches } } }], { n: 4 })).toEqual([[{ n: 4 }], 'ready']);
    expect(tested.agents.events.find(({ type }) => type === 'event.emitted')?.data).toMatchObject({
      path: '/do/0/both/fork/branches/1/tell',
      type: 'ready',
      data: { n: 4 },
    });
  });
});
