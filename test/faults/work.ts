import type { Json } from '../../contracts/json.js';

/** One piece of the mixed load: what is asked, and what must have come of it in the end. */
export interface Work {
  kind: string;
  route: '/v1/runs' | '/v1/runs/bulk';
  body: object;
  /** Of the run, when it completed; of its items, for a bulk run. */
  output: Json;
  /** Agent calls under different keys. */
  calls: number;
  /** Requests to the outside system under different keys. */
  effects: number;
  /** Published when the run waits for it. */
  event?: { id: string; type: string; data: Json };
}

const BULK_ITEMS = 20;
const BRANCHES = 8;
const addOne = { capability: 'add-one' } as const;
const steps = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `s${index}`, ...addOne }));
const numbers = (count: number, from: number) => Array.from({ length: count }, (_, index) => from + index);

/** Calls an agent and an outside system, waits for time and for an event. */
const FLOW = {
  document: { dsl: '1.0.3', namespace: 'faults', name: 'flow', version: '1.0.0' },
  do: [
    { add: { call: 'agent', with: { capability: 'add-one', input: '${ .n }' }, output: { as: '{ n: . }' } } },
    {
      tell: {
        call: 'http.request',
        with: { connection: 'outside', method: 'POST', path: '/effects', body: '${ . }' },
        output: { as: '$input' },
      },
    },
    { rest: { wait: { milliseconds: 200 } } },
    {
      hear: {
        listen: {
          to: { one: { with: { type: 'faults.go' }, correlate: { n: { from: '.data.n', expect: '${ .n }' } } } },
        },
        output: { as: '.[0]' },
      },
    },
    { again: { call: 'agent', with: { capability: 'add-one', input: '${ .n }' } } },
  ],
};

const KINDS: ((n: number) => Omit<Work, 'kind' | 'route'> & { kind: string; route?: Work['route'] })[] = [
  (n) => ({ kind: 'agent', body: { pattern: 'agent', with: addOne, input: n }, output: n + 1, calls: 1, effects: 0 }),
  (n) => ({
    kind: 'sequential',
    body: { pattern: 'sequential', with: { steps: steps(5) }, input: n, budget: { calls: 200 } },
    output: n + 5,
    calls: 5,
    effects: 0,
  }),
  (n) => ({
    kind: 'concurrent',
    body: { pattern: 'concurrent', with: { items: '${ . }', branch: addOne }, input: numbers(BRANCHES, n) },
    output: numbers(BRANCHES, n + 1),
    calls: BRANCHES,
    effects: 0,
  }),
  (n) => ({
    kind: 'workflow',
    body: { definition: FLOW, input: { n } },
    output: n + 2,
    calls: 2,
    effects: 1,
    event: { id: `go-${n}`, type: 'faults.go', data: { n: n + 1 } },
  }),
  (n) => ({
    kind: 'bulk',
    route: '/v1/runs/bulk',
    body: { pattern: 'agent', with: addOne, inputs: numbers(BULK_ITEMS, n) },
    output: numbers(BULK_ITEMS, n + 1),
    calls: BULK_ITEMS,
    effects: 0,
  }),
];
/** Bulk runs are heavy: one in sixteen. */
const TURNS = [0, 1, 3, 2, 0, 3, 1, 0, 3, 2, 0, 1, 3, 0, 2, 4];

/** The `turn`-th piece of work; no two use the same numbers. */
export function workOf(turn: number): Work {
  const make = KINDS[TURNS[turn % TURNS.length] as number]!;
  return { route: '/v1/runs', ...make(turn * 100) };
}
