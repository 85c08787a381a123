import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import { definitionOf, startDefinition, TestInterpreter } from '../../../test/support/interpreted.js';
import { ScriptedAgents } from '../../../test/support/scripted-agents.js';
import { until } from '../../../test/support/until.js';

jest.setTimeout(60_000);

describe('options of tasks', () => {
  let tested: TestInterpreter;
  beforeAll(async () => {
    tested = await TestInterpreter.start();
  });
  afterAll(() => tested.stop());

  const made = (name: string, input: string): TaskList[number] => ({
    [name]: {
      set: { id: `\${ "${name}-" + (.n | tostring) }` },
      output: { as: '$input' },
      metadata: { brikk: { compensate: { agent: 'undo', input } } },
    },
  });
  const raise: TaskList[number] = {
    fails: { raise: { error: { type: 'https://example.com/errors/full', status: 500, title: 'Full' } } },
  };
  const undone = () => tested.agents.made.map(({ key, input }) => [key, 'inline' in input ? input.inline : input]);
  const told = () => tested.agents.events.filter(({ type }) => type === 'step.compensated').map(({ data }) => data);

  it('undo in reverse order what was done when the run fails: each with what it asked for as it was done', async () => {
    const rounds: TaskList[number] = {
      all: { for: { each: 'n', in: '[1, 2]' }, do: [made('book', '${ [.id, $n] }')] },
    };
    const caught: TaskList[number] = { try: { try: [made('pay', '${ . }'), raise], catch: {} } };
    const { status } = await tested.run([rounds, caught, raise], { n: 7 });
    expect(status).toBe('failed');
    expect(undone()).toEqual([
      ['compensate/do/1/try/try/0/pay', { id: 'pay-7' }],
      ['compensate/do/0/all/do/0/book/2', ['book-7', 2]],
      ['compensate/do/0/all/do/0/book', ['book-7', 1]],
    ]);
    expect(told().map((data) => ('name' in data ? data.name : ''))).toEqual(['pay', 'book', 'book']);
    expect(tested.agents.end).toMatchObject({ terminationReason: 'fault', warnings: [] });
  });

  it('undo nothing when the run completes', async () => {
    expect(await tested.outputOf([made('book', '${ . }')], { n: 1 })).toEqual({ n: 1 });
    expect(undone()).toEqual([]);
  });

  it('report what cannot be undone, and undo the others', async () => {
    tested.agents = new ScriptedAgents((call, input) =>
      call.key.endsWith('pay') ? { fail: 'agent.permanent' } : { output: input },
    );
    const tasks = [made('book', '${ .id }'), made('pay', '${ .id }'), made('tell', '${ error("no words") }'), raise];
    const handle = await startDefinition(tested.worker, definitionOf(tasks), { n: 1 });
    expect(await handle.result()).toBe('failed');
    expect(told()).toMatchObject([
      { path: '/do/2/tell', outcome: 'failed' },
      { path: '/do/1/pay', outcome: 'failed' },
      { path: '/do/0/book', outcome: 'completed' },
    ]);
    const { warnings } = tested.agents.end!;
    expect(warnings.map((text) => text.replace(/: .*/, ''))).toEqual([
      'task tell could not be undone',
      'task pay could not be undone',
    ]);
  });

  it('undo when the run is canceled', async () => {
    tested.agents = new ScriptedAgents((_, input) => ({ output: input }));
    const tasks: TaskList = [made('book', '${ .id }'), { pause: { wait: 'PT1H' } }];
    const handle = await startDefinition(tested.worker, definitionOf(tasks), { n: 1 });
    await until(() => tested.agents.events.some(({ key }) => key === 'step/do/1/pause/started'));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(undone()).toEqual([['compensate/do/0/book', 'book-1']]);
  });

  it('lease resources for calls of the task and inside it, or of the whole document', async () => {
    const call = (needs?: { [name: string]: number }): TaskList[number] => ({
      ask: { call: 'agent', with: { agent: 'a' }, ...(needs && { metadata: { brikk: { needs } } }) },
    });
    const needed = async (tasks: TaskList, needs?: { [name: string]: number }) => {
      tested.agents = new ScriptedAgents((_, input) => ({ output: input }));
      const handle = await startDefinition(tested.worker, definitionOf(tasks), {}, { needs });
      await handle.result();
      return tested.agents.made.map((one) => one.needs);
    };
    const inner: TaskList[number] = {
      both: { do: [call(), call({ line: 2 })], metadata: { brikk: { needs: { gpu: 1 } } } },
    };
    expect(await needed([inner, call()])).toEqual([{ gpu: 1 }, { line: 2 }, undefined]);
    expect(await needed([inner, call()], { seat: 1 })).toEqual([{ gpu: 1 }, { line: 2 }, { seat: 1 }]);
  });
});
