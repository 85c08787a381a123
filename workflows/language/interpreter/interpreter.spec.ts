import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import { definitionOf, startDefinition, TestInterpreter } from '../../../test/support/interpreted.js';
import { ScriptedAgents } from '../../../test/support/scripted-agents.js';

jest.setTimeout(60_000);

describe('a run that follows a definition', () => {
  let tested: TestInterpreter;
  beforeAll(async () => {
    tested = await TestInterpreter.start();
  });
  afterAll(() => tested.stop());

  it('feeds each task with the output of the one before', async () => {
    const tasks: TaskList = [
      { red: { set: { colors: '${ .colors + ["red"] }' } } },
      { inner: { do: [{ green: { set: { colors: '${ .colors + ["green"] }' } } }] } },
      { shown: { set: '${ .colors | join(" and ") }' } },
    ];
    expect(await tested.outputOf(tasks)).toBe('red and green');
  });

  it('filters what goes in and out, and keeps what a task exports', async () => {
    const definition = definitionOf(
      [
        {
          one: {
            input: { from: '.user' },
            set: { id: '${ .id }', from: '${ $task.name }' },
            output: { as: '. + { was: $input.name }' },
            export: { as: '$context + { one: . }' },
          },
        },
        { two: { set: { id: '${ $context.one.id }', first: '${ $workflow.input.user.name }' } } },
      ],
      { input: { from: '. + { seen: true }' }, output: { as: '{ result: ., seen: $context.seen }' } },
    );
    expect(await tested.outputOf(definition, { user: { id: 7, name: 'Ada' } })).toEqual({
      result: { id: 7, first: 'Ada' },
      seen: true,
    });
  });

  it('never evaluates data: what looks like an expression stays text', async () => {
    const text = '${ error("evaluated") }';
    const tasks: TaskList = [{ kept: { set: { text: '${ .text }', same: '${ . }' } } }, { again: { set: '${ . }' } }];
    expect(await tested.outputOf(tasks, { text })).toEqual({ text, same: { text } });
  });

  it('gives null for no result, and fails for several', async () => {
    expect(await tested.outputOf([{ none: { set: { a: '${ empty }', b: 1 } } }])).toEqual({ a: null, b: 1 });
    const { status, error } = await tested.run([{ several: { set: '${ 1, 2 }' } }]);
    expect({ status, error }).toMatchObject({
      status: 'failed',
      error: { code: 'workflow.expression', status: 400, instance: '/do/0/several' },
    });
  });

  it('leaves a task out whose condition is false, whatever it would have done next', async () => {
    const tasks: TaskList = [
      { never: { if: '.skip == false', set: { a: 1 }, then: 'end' } },
      { last: { set: { b: '${ .skip }' } } },
    ];
    expect(await tested.outputOf(tasks, { skip: true })).toEqual({ b: true });
    expect(tested.agents.events.map(({ type }) => type)).toContain('step.skipped');
  });

  it('jumps forward and backward by name, leaves a list, and ends the run', async () => {
    const tasks: TaskList = [
      { count: { set: { n: '${ .n + 1 }' } } },
      { enough: { switch: [{ no: { when: '.n < 3', then: 'count' } }, { yes: { then: 'inner' } }] } },
      { missed: { set: { n: -1 } } },
      { inner: { do: [{ out: { set: { n: '${ .n * 10 }' }, then: 'exit' } }, { missed: { set: { n: -2 } } }] } },
      { stop: { set: { n: '${ .n + 1 }' }, then: 'end' } },
      { missed: { set: { n: -3 } } },
    ];
    expect(await tested.outputOf(tasks, { n: 0 })).toEqual({ n: 31 });
    const rounds = tested.agents.events.filter(
      ({ key }) => key.startsWith('step/do/0/count') && key.endsWith('started'),
    );
    expect(rounds.map(({ data }) => data)).toEqual([
      { path: '/do/0/count', name: 'count' },
      { path: '/do/0/count', name: 'count', round: 2 },
      { path: '/do/0/count', name: 'count', round: 3 },
    ]);
  });

  it('loops over items while a condition holds, each round fed by the one before', async () => {
    const tasks: TaskList = [
      {
        sum: {
          for: { each: 'n', in: '.numbers', at: 'place' },
          while: '(.sum // 0) < 5',
          do: [{ add: { set: { sum: '${ (.sum // 0) + $n }', at: '${ $place }' } } }],
        },
      },
    ];
    expect(await tested.outputOf(tasks, { numbers: [1, 2, 3, 4] })).toEqual({ sum: 6, at: 2 });
    expect(await tested.outputOf(tasks, { numbers: [] })).toEqual({ numbers: [] });
  });

  it('catches an error by its fields, and hands it to the handler', async () => {
    const tasks: TaskList = [
      {
        risky: {
          try: [{ fails: { raise: { error: 'late' } } }],
          catch: {
            errors: { with: { type: 'https://serverlessworkflow.io/dsl/errors/types/timeout', status: 408 } },
            as: 'problem',
            when: '$problem.detail == "after 5 s"',
            do: [{ note: { set: '${ $problem }' } }],
            then: 'last',
          },
        },
      },
      { missed: { set: { missed: true } } },
      { last: { set: '${ .instance }' } },
    ];
    const type = 'https://open-workflow-specification.org/spec/1.0.0/errors/timeout';
    const use = { errors: { late: { type, status: 408, title: 'Too late', detail: 'after ${ .s } s' } } };
    expect(await tested.outputOf(definitionOf(tasks, { use }), { s: 5 })).toBe('/do/0/risky/try/0/fails');
    const { status, error, terminationReason } = await tested.run(definitionOf(tasks, { use }), { s: 6 });
    expect({ status, terminationReason }).toEqual({ status: 'failed', terminationReason: 'fault' });
    expect(error).toEqual({
      code: 'workflow.timeout',
      message: 'after 6 s',
      path: '/do/0/risky/try/0/fails',
      type,
      status: 408,
      title: 'Too late',
      detail: 'after 6 s',
      instance: '/do/0/risky/try/0/fails',
    });
  });

  it('tries again while the policy allows, then does what the catch says', async () => {
    const attempt = { call: 'agent', with: { agent: 'weak', retry: { maxAttempts: 1 } } };
    const retry = { delay: { milliseconds: 1 }, backoff: { exponential: {} }, limit: { attempt: { count: 2 } } };
    const rule = { retry, do: [{ give: { set: { gave: 'up', type: '${ $error.type }' } } }] };
    tested.agents = new ScriptedAgents(() => ({ fail: 'agent.permanent' }));
    const handle = await startDefinition(
      tested.worker,
      definitionOf([{ ask: { try: [{ once: attempt }], catch: rule } }]),
    );
    expect(await handle.result()).toBe('completed');
    expect(tested.agents.keys).toEqual(['do/0/ask/try/0/once', 'do/0/ask/try/0/once/2', 'do/0/ask/try/0/once/3']);
    expect(tested.agents.end!.json).toEqual({ gave: 'up', type: 'https://brikk.dev/errors/agent_failed' });
    const retried = tested.agents.events.filter(({ type }) => type === 'step.retried').map(({ data }) => data);
    const about = { path: '/do/0/ask', name: 'ask', error: 'https://brikk.dev/errors/agent_failed' };
    expect(retried).toEqual([1, 2].map((time) => ({ ...about, retry: time })));
  });

  it('gives up a task whose time is over with an error that can be caught', async () => {
    const tasks: TaskList = [
      {
        patient: {
          try: [{ slow: { wait: 'PT1H', timeout: { after: { milliseconds: 20 } } } }],
          catch: { errors: { with: { status: 408 } }, do: [{ note: { set: '${ $error.instance }' } }] },
        },
      },
    ];
    expect(await tested.outputOf(tasks)).toBe('/do/0/patient/try/0/slow');
    const definition = definitionOf([{ slow: { wait: { hours: 1 } } }], { timeout: { after: 'PT0.02S' } });
    expect(await tested.run(definition)).toMatchObject({
      status: 'timed_out',
      terminationReason: 'deadline',
      error: { type: 'https://open-workflow-specification.org/spec/1.0.0/errors/timeout', instance: '/timeout' },
    });
  });

  it('runs branches side by side, and lets the first one win when they compete', async () => {
    const branches: TaskList = [
      { slow: { do: [{ nap: { wait: { milliseconds: 40 } } }, { a: { set: 'a' } }] } },
      { quick: { set: 'b' } },
    ];
    expect(await tested.outputOf([{ both: { fork: { branches } } }])).toEqual(['a', 'b']);
    const race: TaskList = [
      { never: { do: [{ nap: { wait: 'PT1H' } }, { a: { set: 'a' } }] } },
      { lost: { raise: { error: { type: 'https://example.com/lost', status: 500 } } } },
      { quick: { set: 'b' } },
    ];
    expect(await tested.outputOf([{ one: { fork: { compete: true, branches: race } } }])).toBe('b');
    expect(await tested.run([{ one: { fork: { branches: race } } }])).toMatchObject({
      status: 'failed',
      error: { type: 'https://example.com/lost', instance: '/do/0/one/fork/branches/1/lost' },
    });
  });

  it('calls patterns of the catalogue and functions of its own', async () => {
    const tasks: TaskList = [
      {
        ask: {
          call: 'classify',
          with: { text: '${ .ticket }' },
          export: { as: '{ kind: . }' },
        },
      },
      {
        each: {
          call: 'concurrent:1.0.0@default',
          with: {
            items: '${ $context.kind | [., .] }',
            branch: { capability: '${ "wor" + "ker" }', input: { it: '${ $item }', kind: '${ $context.kind }' } },
          },
        },
      },
    ];
    const classify = { call: 'agent', with: { capability: 'triage', input: '${ .text }' } };
    const definition = definitionOf(tasks, { use: { functions: { classify } } });
    expect(await tested.outputOf(definition, { ticket: 'down' })).toEqual([
      { it: 'down', kind: 'down' },
      { it: 'down', kind: 'down' },
    ]);
    expect(tested.agents.made.map(({ key, target }) => [key, target.capability])).toEqual([
      ['do/0/ask', 'triage'],
      ['do/1/each/items/0', 'worker'],
      ['do/1/each/items/1', 'worker'],
    ]);
  });

  it('refuses a function that nobody knows, and parameters that do not fit', async () => {
    expect(await tested.run([{ ask: { call: 'oracle' } }])).toMatchObject({
      error: { code: 'workflow.configuration', detail: 'there is no function oracle', instance: '/do/0/ask' },
    });
    expect(await tested.run([{ ask: { call: 'agent', with: { capability: 7 } } }])).toMatchObject({
      error: { code: 'workflow.validation', instance: '/do/0/ask' },
    });
  });

  it('checks what goes in and out against its schemas', async () => {
    const schema = { document: { type: 'object' } };
    const definition = definitionOf([{ a: { set: 'text', output: { schema } } }], { input: { schema } });
    expect(await tested.run(definition, 'text')).toMatchObject({ error: { status: 400, instance: '/input' } });
    expect(await tested.run(definition, {})).toMatchObject({
      error: { type: expect.stringMatching(/\/validation$/), instance: '/do/0/a' },
    });
  });

  it('has no more calls of agents under way than its document allows', async () => {
    let [now, most] = [0, 0];
    tested.agents = new ScriptedAgents(async (_, input) => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setTimeout(resolve, 30));
      now -= 1;
      return { output: input };
    });
    const branches = Array.from({ length: 8 }, (_, n) => ({ [`b${n}`]: { call: 'agent', with: { agent: 'echo' } } }));
    const handle = await startDefinition(
      tested.worker,
      definitionOf([{ wide: { fork: { branches } } }]),
      {},
      { maxInFlight: 2 },
    );
    expect(await handle.result()).toBe('completed');
    expect([tested.agents.made.length, most]).toEqual([8, 2]);
  });

  it('has agents told of shared memory by names that its own data make', async () => {
    tested.agents = new ScriptedAgents(() => ({ output: 1 }));
    tested.agents.memory.set({ scope: 'session', scopeId: 'case-7', key: 'metal' }, 'gold');
    const recall = { scope: 'session', scopeId: '${ $context.case }', keys: ['${ .about }'] };
    const tasks: TaskList = [
      { note: { set: { about: 'metal' }, export: { as: '{ case: "case-7" }' } } },
      { ask: { call: 'agent', with: { agent: 'a', context: { recall } } } },
    ];
    const handle = await startDefinition(tested.worker, definitionOf(tasks));
    expect(await handle.result()).toBe('completed');
    const { context } = tested.agents.made[0]!;
    expect(context && tested.agents.json(context)).toEqual({
      memory: [{ scope: 'session', scopeId: 'case-7', key: 'metal', version: 1, value: 'gold' }],
    });
  });
});
