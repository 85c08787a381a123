import { describe, expect, it } from '@jest/globals';
import type { Json } from '../contracts/json.js';
import { checkTasks } from './check-tasks.js';

const check = (
  tasks: Json,
  allow: string[],
  more: { maxTasks?: number; maxCalls?: number; finished?: string[] } = {},
) => checkTasks({ tasks, allow, maxTasks: 20, finished: [], ...more });
const ask = (capability: string, more: object = {}) => ({ call: 'agent', with: { capability, ...more } }) as Json;
const http = { call: 'http', with: { method: 'get', endpoint: 'https://a.example' } };

describe('a list of tasks that a planner wrote', () => {
  it('may call the capabilities that are allowed, order and arrange', () => {
    const inside = [{ one: ask('x', { input: '${ .n }' }) }, { two: { set: { call: 'http' } } }];
    const tasks = [
      { a: { do: inside } },
      { b: { for: { in: '.items' }, do: inside } },
      { c: { fork: { branches: inside } } },
      { d: { try: inside, catch: { do: inside } } },
      { e: { switch: [{ one: { when: '.a', then: 'exit' } }] } },
      { f: { raise: { error: { type: 'https://a.example/e', status: 400 } } } },
    ];
    expect(check(tasks as unknown as Json, ['x'])).toEqual([]);
  });

  it('may use the calls and kinds that are named, and with agent every agent', () => {
    const market = { call: 'market', with: { task: { capability: 'sell' } } };
    const tasks = [{ a: http }, { b: { wait: { seconds: 1 } } }, { c: ask('anybody') }, { d: market }] as Json;
    expect(check(tasks, ['agent', 'http', 'wait', 'market'])).toEqual([]);
    expect(check(tasks, ['sell'])).toEqual([
      '/do/0/a: http is not allowed, only sell',
      '/do/1/b: wait is not allowed, only sell',
      '/do/2/c/with/capability: anybody is not allowed, only sell',
      '/do/3/d: market is not allowed, only sell',
    ]);
  });

  it('has its calls told of shared memory only where it may read that', () => {
    const told = (recall: Json) => [{ a: ask('x', { context: { recall } }) }] as Json;
    expect(check(told({ keys: ['k'] }), ['x', 'memory.get'])).toEqual([]);
    expect(check(told({ query: 'words' }), ['x', 'memory.get'])).toEqual([
      '/do/0/a/with/context/recall: memory.search is not allowed, only x, memory.get',
    ]);
  });

  it('names the agents that its functions call where not all are allowed', () => {
    const steps = [
      { name: 'one', capability: 'x', fallback: [{ capability: 'y' }] },
      { name: 'two', agent: 'ann' },
      { name: 'three', pattern: 'market', with: { task: { capability: 'x' } } },
    ];
    const sequential = (given: object) => [{ a: { call: 'sequential', with: given } }] as Json;
    expect(check(sequential({ steps }), ['sequential', 'x'])).toEqual([
      '/do/0/a/with/steps/0/fallback/0/capability: y is not allowed, only sequential, x',
      '/do/0/a/with/steps/1/agent: names no capability; allow agent for that',
      '/do/0/a/with/steps/2/pattern: market is not allowed, only sequential, x',
    ]);
    expect(check(sequential({ steps: '${ .steps }' }), ['sequential', 'x'])).toEqual([
      '/do/0/a/with/steps: has to be written out, so that it can be seen what is done',
    ]);
    expect(check(sequential({ steps }), ['sequential', 'agent'])).toEqual([
      '/do/0/a/with/steps/2/pattern: market is not allowed, only sequential, agent',
    ]);
  });

  it.each<[string, Json, RegExp]>([
    ['unknown fields', [{ a: { set: {}, hello: 1 } }], /^\/do\/0\/a\/hello: /],
    ['no list', 'nothing', /^\/do: /],
    ['names given twice', [{ a: { set: {} } }, { a: { set: {} } }], /a/],
    ['jumps to nowhere', [{ a: { set: {}, then: 'b' } }], /no task "b"/],
    ['secrets', [{ a: { set: { k: '${ $secrets.desk }' } } }], /reads no secrets/],
    ['functions of nobody', [{ a: { call: 'mine' } }], /no function "mine"/],
    [
      'addresses as functions',
      [{ a: { call: 'https://a.example/f.yaml' } }],
      /functions at addresses cannot be planned/,
    ],
    ['waiting for events', [{ a: { listen: { to: { any: [] } } } }], /listen cannot be planned: a run hears only/],
    ['workflows', [{ a: { run: { workflow: { namespace: 'a', name: 'b', version: '1.0.0' } } } }], /run cannot be/],
    [
      'undoing',
      [{ a: { ...(ask('x') as object), metadata: { brikk: { compensate: { capability: 'x' } } } } }],
      /undoes/,
    ],
    [
      'schemas at addresses',
      [{ a: { set: { k: 1 }, input: { schema: { resource: { endpoint: 'https://a.example/s' } } } } }],
      /a schema at an address needs it: http is not allowed/,
    ],
  ])('is refused with %s', (_, tasks, message) => {
    expect(check(tasks, ['x', 'set', 'https']).join('\n')).toMatch(message);
  });

  it('has no more tasks than are wanted, and no more calls than a budget covers, but for those done before', () => {
    const tasks = [{ a: { do: [{ b: ask('x') }, { c: ask('x') }] } }, { d: ask('x') }] as Json;
    expect(check(tasks, ['x'], { maxTasks: 3 })).toEqual(['the plan has 4 tasks, at most 3']);
    expect(check(tasks, ['x'], { maxCalls: 2 })).toEqual(['the plan needs 3 calls, and the budget covers 2']);
    expect(check(tasks, ['x'], { maxCalls: 1, finished: ['a'] })).toEqual([]);
  });
});
