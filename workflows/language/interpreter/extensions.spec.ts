import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Extension } from '../../../contracts/definition.js';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import { definitionOf, TestInterpreter } from '../../../test/support/interpreted.js';

jest.setTimeout(60_000);

describe('extensions of a definition', () => {
  let tested: TestInterpreter;
  beforeAll(async () => {
    tested = await TestInterpreter.start();
  });
  afterAll(() => tested.stop());

  const noting = (text: string): TaskList => [
    {
      note: { set: { note: text }, export: { as: '$context + { notes: (($context.notes // []) + [$output.note]) }' } },
    },
  ];
  const extendedBy = (extensions: { [name: string]: Extension }[], tasks: TaskList) =>
    definitionOf(tasks, { use: { extensions }, output: { as: '{ output: ., notes: $context.notes }' } });

  it('do tasks before and after each task of their kind, which changes neither its input nor its output', async () => {
    const log: Extension = {
      extend: 'set',
      before: noting('before ${ $task.name } of ${ .n }'),
      after: noting('after ${ $task.reference }: ${ $output.n }'),
    };
    const tasks: TaskList = [
      { a: { set: { n: '${ .n + 1 }' } } },
      { inner: { do: [{ b: { set: { n: '${ .n * 10 }' } } }] } },
      { skipped: { if: 'false', set: { n: 0 } } },
    ];
    expect(await tested.outputOf(extendedBy([{ log }], tasks), { n: 1 })).toEqual({
      output: { n: 20 },
      notes: ['before a of 1', 'after /do/0/a: 2', 'before b of 2', 'after /do/1/inner/do/0/b: 20'],
    });
  });

  it('are for composite tasks, for all of them, and where their condition holds; all in their order', async () => {
    const extensions: { [name: string]: Extension }[] = [
      { one: { extend: 'composite', before: noting('one ${ $task.name }') } },
      {
        two: { extend: 'all', when: '$task.name != "quiet" and $input.n == 1', before: noting('two ${ $task.name }') },
      },
    ];
    const tasks: TaskList = [
      { outer: { do: [{ loud: { set: '${ . }' } }, { quiet: { set: '${ . }' } }] } },
      { race: { fork: { branches: [{ b: { set: { n: 2 } } }] } } },
    ];
    expect(await tested.outputOf(extendedBy(extensions, tasks), { n: 1 })).toEqual({
      output: [{ n: 2 }],
      notes: ['one outer', 'two outer', 'two loud', 'one race', 'two race', 'two b'],
    });
  });

  it('leave a task out by an exit before it: what they came to is its output', async () => {
    const mock: Extension = {
      extend: 'call',
      when: '$task.with.agent == "away"',
      before: [{ mocked: { set: { mocked: '${ $task.name }' }, then: 'exit' } }, { never: { set: { never: true } } }],
      after: noting('never'),
    };
    const tasks: TaskList = [
      { real: { call: 'agent', with: { agent: 'here' } } },
      { ask: { call: 'agent', with: { agent: 'away' }, then: 'last' } },
      { missed: { set: { missed: true } } },
      { last: { set: '${ . }' } },
    ];
    expect(await tested.outputOf(extendedBy([{ mock }], tasks), { n: 1 })).toEqual({
      output: { mocked: 'ask' },
      notes: null,
    });
    expect(tested.agents.keys).toEqual(['do/0/real']);
  });

  it('end the run, and fail the task that they are for', async () => {
    const end: Extension = { extend: 'set', after: [{ stop: { wait: { milliseconds: 1 }, then: 'end' } }] };
    const tasks: TaskList = [{ a: { set: { a: 1 } } }, { b: { set: { b: 1 } } }];
    expect(await tested.outputOf(definitionOf(tasks, { use: { extensions: [{ end }] } }))).toEqual({ a: 1 });
    const error = { type: 'https://example.com/no', status: 403 };
    const guard: Extension = { extend: 'set', before: [{ refuse: { raise: { error } } }] };
    const caught: TaskList = [{ attempt: { try: tasks, catch: { do: [{ c: { wait: { milliseconds: 1 } } }] } } }];
    expect(await tested.outputOf(definitionOf(caught, { use: { extensions: [{ guard }] } }), { n: 1 })).toEqual({
      n: 1,
    });
    expect(await tested.run(definitionOf(tasks, { use: { extensions: [{ guard }] } }))).toMatchObject({
      status: 'failed',
      error: { type: error.type, instance: '/use/extensions/0/guard/before/0/refuse' },
    });
  });
});
