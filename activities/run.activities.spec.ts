import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { Candidate } from '../contracts/candidates.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { PastPlan } from '../contracts/past-plans.js';
import type { FinishedCall } from '../contracts/run-workflow.js';
import type { Value } from '../contracts/values.js';
import { finishedCall } from '../test/support/runs.js';
import type { MemoryHit } from '../contracts/memory.js';
import type { WaitingCall } from '../contracts/later-answers.js';
import type { MemoryWrites, SharedMemory } from './dependencies.js';
import { createRunActivities } from './run.activities.js';

const run = { orgId: 'org-1', runId: 'run-1' };

function createHouse() {
  const stored = new Map<string, Json>([['big', { list: [1, 2, 3] }]]);
  const candidates: Candidate[] = [];
  const rows: FinishedCall[] = [];
  const waiting: WaitingCall[] = [];
  const memory = createMemory();
  const past: PastPlan[] = [];
  const activities = createRunActivities({
    registry: {
      findCandidates: () => Promise.resolve(candidates),
      readContextRoom: () => Promise.resolve({ tokens: 8_000, inputSchemas: [{ type: 'string', maxLength: 398 }] }),
    },
    budgets: { close: () => Promise.resolve(), raise: () => Promise.resolve({ by: 0 }) },
    events: { append: () => Promise.resolve() },
    journal: {
      outcomes: () => Promise.resolve(new Map(rows.map((row) => [row.key, row]))),
      record: (_org, _run, call) => {
        rows.push(call);
        return Promise.resolve({ call, isHeld: false });
      },
    },
    pending: {
      find: (_run, keys) =>
        Promise.resolve(new Map(waiting.filter(({ key }) => keys.includes(key)).map((call) => [call.key, call]))),
    },
    memory,
    findSimilarPlans: (_org, goal, limit) => Promise.resolve(past.filter((plan) => plan.goal === goal).slice(0, limit)),
    finishRun: () =>
      Promise.reject(new BrikkError('dependency.unavailable', 'Postgres does not answer', { retryAfterMs: 1_000 })),
    payloads: {
      store: (_org, _run, json) => {
        stored.set('new', json);
        return Promise.resolve({ ref: 'new', bytes: JSON.stringify(json).length });
      },
      materialise: (_org, value: Value) =>
        Promise.resolve('inline' in value ? value.inline : 'ref' in value ? (stored.get(value.ref) as Json) : null),
    },
  });
  return { activities, stored, memory, candidates, rows, past, waiting };
}
/** A memory with one list; its operations are done once. */
function createMemory(): SharedMemory & { list: Json[] } {
  const done = new Map<string, Promise<unknown>>();
  const list: Json[] = ['x'.repeat(40_000)];
  return {
    list,
    read: async (_org, { key }) => (key === 'list' ? { value: list, version: list.length } : undefined),
    once: async <Outcome>({ operation }: { operation: string }, work: (write: MemoryWrites) => Promise<Outcome>) => {
      const write: MemoryWrites = {
        append: async (_address, { item }) => ({ version: list.push(item) }),
        put: async (_address, { ifVersion }) => {
          if (ifVersion === 9) throw new BrikkError('dependency.unavailable', 'Postgres does not answer');
          throw new BrikkError('memory.conflict', 'its version is 1');
        },
      };
      if (!done.has(operation)) done.set(operation, work(write));
      return (await done.get(operation)) as Outcome;
    },
    search: async (_org, { query }) => [{ snippet: query }] as MemoryHit[],
    recall: async () => ({ kept: [{ key: 'list', version: 1, value: list }], left: [], omitted: 2 }),
  };
}
const big: Value = { ref: 'big', bytes: 100 };
let instances = 0;
const candidate = (agent: string, change: Partial<Candidate> = {}): Candidate => ({
  agentId: `id-${agent}`,
  agent,
  version: '2.0.0',
  instanceId: `instance-${(instances += 1)}`,
  endpoint: 'http://127.0.0.1:1/',
  capability: 'sort',
  maxConcurrency: 4,
  inFlight: 0,
  load: null,
  latencyMs: null,
  successRate: null,
  costUsd: null,
  breaker: 'closed',
  labels: {},
  signingSecret: 'secret',
  ...change,
});
const failureOf = (failing: Promise<unknown>) => failing.catch((error: unknown) => error);

describe('createRunActivities', () => {
  it('evaluates jq over stored values and variables', async () => {
    const { activities } = createHouse();
    const variables = { factor: { inline: 10 } };
    expect(await activities.evaluate({ ...run, program: '[.list[] * $factor]', input: big, variables })).toEqual({
      inline: [10, 20, 30],
    });
  });

  it('stores a large result and gives its reference', async () => {
    const { activities, stored } = createHouse();
    const result = await activities.evaluate({ ...run, program: '"x" * 40000', input: big, variables: {} });
    expect(result).toMatchObject({ ref: 'new' });
    expect(stored.get('new')).toHaveLength(40_000);
  });

  it.each([
    ['.list[', 'expression.invalid'],
    ['.list | error("no")', 'expression.failed'],
    ['empty', 'expression.failed'],
  ])('fails %s by name and for good', async (program, type) => {
    const { activities } = createHouse();
    const failure = await failureOf(activities.evaluate({ ...run, program, input: big, variables: {} }));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type, nonRetryable: true });
  });

  it('says what breaks a schema', async () => {
    const { activities } = createHouse();
    const schema = { properties: { list: { maxItems: 2 } } };
    expect(await activities.validate({ ...run, value: big, schema })).toEqual({
      errors: ['/list must NOT have more than 2 items'],
    });
    expect(await activities.validate({ ...run, value: big, schema: true })).toEqual({ errors: [] });
    const failure = await failureOf(activities.validate({ ...run, value: big, schema: { type: 'nothing' } }));
    expect(failure).toMatchObject({ type: 'request.invalid', nonRetryable: true });
  });

  it('lists each agent that can take a call once, by name and then id, with the mean of its record', async () => {
    const { activities, candidates } = createHouse();
    candidates.push(
      candidate('b', { agentId: 'id-2' }),
      candidate('b', { agentId: 'id-1', successRate: 1, latencyMs: 10 }),
      candidate('b', { agentId: 'id-1', successRate: 0.5, costUsd: 2 }),
      candidate('a', { labels: { tier: 'gold' } }),
      candidate('broken', { breaker: 'open' }),
      candidate('old', { version: '1.9.0' }),
    );
    const target = { capability: 'sort', version: '^2.0.0' };
    const listed = await activities.listCandidates({ ...run, target, limit: 10 });
    expect(listed.map(({ agent, agentId }) => [agent, agentId])).toEqual([
      ['a', 'id-a'],
      ['b', 'id-1'],
      ['b', 'id-2'],
    ]);
    expect(listed[0]).toEqual({
      agentId: 'id-a',
      agent: 'a',
      version: '2.0.0',
      labels: { tier: 'gold' },
      successRate: null,
      latencyMs: null,
      costUsd: null,
      reputation: null,
    });
    expect(listed[1]).toMatchObject({ successRate: 0.75, latencyMs: 10, costUsd: 2 });
    expect(await activities.listCandidates({ ...run, target, limit: 1 })).toHaveLength(1);
  });

  it('reads large memory by reference, and appends once however often an operation is repeated', async () => {
    const { activities, stored, memory } = createHouse();
    const place = { ...run, scope: 'session' as const, scopeId: 's', key: 'list' };
    expect(await activities.memoryGet(place)).toEqual({ value: { ref: 'new', bytes: expect.any(Number) }, version: 1 });
    expect(stored.get('new')).toEqual(memory.list);
    expect(await activities.memoryGet({ ...place, key: 'none' })).toBeNull();
    const append = () => activities.memoryAppend({ ...place, operation: 'a', item: { ref: 'big', bytes: 100 } });
    expect([await append(), await append()]).toEqual([
      { written: true, version: 2 },
      { written: true, version: 2 },
    ]);
    expect(memory.list[1]).toEqual({ list: [1, 2, 3] });
    expect(await activities.memorySearch({ ...run, query: 'x', limit: 1 })).toEqual([{ snippet: 'x' }]);
  });

  it('gives a refused write as an outcome, and has one repeated that Postgres did not take', async () => {
    const { activities } = createHouse();
    const put = (operation: string, ifVersion: number) =>
      activities.memoryPut({
        ...run,
        scope: 'organisation',
        scopeId: '',
        key: 'k',
        operation,
        value: { inline: 1 },
        ifVersion,
      });
    expect(await put('a', 3)).toEqual({ written: false, reason: 'conflict', message: 'its version is 1' });
    expect(await failureOf(put('b', 9))).toMatchObject({ type: 'dependency.unavailable', nonRetryable: false });
  });

  it('has what a dependency refuses repeated, no sooner than it asks', async () => {
    const { activities } = createHouse();
    const end = { status: 'completed', terminationReason: 'done', degraded: false, rounds: 0, warnings: [] } as const;
    const failure = await failureOf(
      activities.finishRun({ ...run, ...end, warnings: [], output: { inline: 1 }, events: [] }),
    );
    expect(failure).toMatchObject({ type: 'dependency.unavailable', nonRetryable: false, nextRetryDelay: 1_000 });
  });

  it('tells what a run decides by of its finished calls', async () => {
    const { activities, rows } = createHouse();
    const { path: _path, startedAt: _startedAt, ...row } = finishedCall('steps/a', 'done');
    rows.push(row);
    const [found] = await activities.findOutcomes({ orgId: 'org', runId: 'run', keys: ['steps/a'] });
    expect(found).toEqual({
      key: 'steps/a',
      status: 'completed',
      output: row.output,
      costUsd: row.usage.costUsd,
      queueMs: row.queueMs,
      execMs: row.execMs,
    });
  });

  it('stores what is too large of many finished calls', async () => {
    const { activities, rows, stored } = createHouse();
    const keys = ['a', 'b', 'c', 'd', 'e'];
    for (const key of keys) {
      const { path: _path, startedAt: _startedAt, ...row } = finishedCall(key, key.repeat(30_000));
      rows.push(row);
    }
    const found = await activities.findOutcomes({ ...run, keys });
    expect(found.map(({ output }) => output && 'ref' in output)).toEqual([true, false, false, false, false]);
    expect(stored.get('new')).toEqual(['a'.repeat(30_000)]);
  });

  it('tell of similar plans, in the claim check when they are large', async () => {
    const { activities, past } = createHouse();
    const plan: PastPlan = {
      goal: 'g',
      status: 'completed',
      reason: 'done',
      tasks: [],
      revisions: 0,
      usage: {},
      score: null,
    };
    past.push(plan, { ...plan, tasks: 'x'.repeat(40_000) });
    expect(await activities.findSimilarPlans({ ...run, goal: 'g', limit: 1 })).toEqual({ inline: [plan] });
    expect(await activities.findSimilarPlans({ ...run, goal: 'g', limit: 2 })).toMatchObject({ ref: 'new' });
  });
});
