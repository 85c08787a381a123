import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Definition } from '../../../contracts/definition.js';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import { definitionOf, TestInterpreter } from '../../../test/support/interpreted.js';

jest.setTimeout(60_000);

describe('a run whose task ends otherwise than by its list', () => {
  let tested: TestInterpreter;
  beforeAll(async () => {
    tested = await TestInterpreter.start();
  });
  afterAll(() => tested.stop());

  it('ends where a task of a function does, and goes on where one leaves its list', async () => {
    const functions = {
      stop: { do: [{ last: { set: { n: '${ .n + 1 }' }, then: 'end' } }, { missed: { set: { n: -1 } } }] },
      leave: { do: [{ last: { set: { n: '${ .n * 10 }' }, then: 'exit' } }, { missed: { set: { n: -2 } } }] },
    } as NonNullable<NonNullable<Definition['use']>['functions']>;
    const tasks: TaskList = [
      { left: { call: 'leave' } },
      {
        inner: {
          do: [{ ended: { call: 'stop', output: { as: '. + { told: true }' } } }, { missed: { wait: 'PT1H' } }],
        },
      },
      { missed: { set: { n: -3 } } },
    ];
    expect(await tested.outputOf(definitionOf(tasks, { use: { functions } }), { n: 2 })).toEqual({ n: 21, told: true });
  });

  it('tells of each task that fails with which error, in few words', async () => {
    const raise = {
      error: { type: 'https://example.com/errors/full', status: 507, title: 'Full', detail: '${ "x" * 2000 }' },
    };
    await tested.run([{ outer: { do: [{ inner: { raise } }] } }] as TaskList);
    const { type, status, title } = raise.error;
    const error = { type, status, title, detail: 'x'.repeat(1_000), instance: '/do/0/outer/do/0/inner' };
    const ended = tested.agents.events.filter((event) => event.type === 'step.finished');
    expect(ended.map(({ data }) => data)).toEqual([
      { path: '/do/0/outer/do/0/inner', name: 'inner', outcome: 'failed', error },
      { path: '/do/0/outer', name: 'outer', outcome: 'failed', error },
    ]);
  });
});
