import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { MEMORY_CALLS as NAMES } from '../../contracts/memory-tasks.js';
import type { PatternName } from '../../contracts/patterns.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import type { ScriptedMemory } from '../../test/support/scripted-memory.js';
import { startRun } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { MEMORY_CALLS } from './read-memory-call.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

const AT = { scope: 'session', scopeId: 's', key: 'k' } as const;
const echo: Script = (_, input) => ({ output: input });

interface Options {
  input?: Json;
  script?: Script;
  before?: (memory: ScriptedMemory) => void;
}
async function run(pattern: PatternName, params: object, { input = 'in', script = echo, before }: Options = {}) {
  agents = new ScriptedAgents(script);
  before?.(agents.memory);
  const status = await (await startRun(worker, pattern, params as Json, input)).result();
  const { terminationReason, json, error } = agents.end!;
  return { end: [status, terminationReason, json], error };
}
const step = (name: string, call: string, more: object = {}) => ({ name, call, with: { ...AT, ...more } });

describe('a step that uses shared memory', () => {
  it('writes what the step before gave, and another reads it', async () => {
    const steps = [{ name: 'a', capability: 'x' }, step('keep', 'memory.put'), step('read', 'memory.get')];
    expect((await run('sequential', { steps })).end).toEqual([
      'completed',
      'done',
      { key: 'k', value: 'in', version: 1 },
    ]);
    expect(agents.events.filter(({ type }) => type === 'decision').map(({ data }) => data)).toMatchObject([
      { what: 'memory call', rule: 'put', path: '/steps/keep', scores: { version: 1 }, chosen: 'k' },
      { what: 'memory call', rule: 'get', path: '/steps/read', scores: { version: 1 }, chosen: 'k' },
    ]);
  });

  it('names entry and value by jq over its data, the input of the pattern and the item', async () => {
    const branch = {
      call: 'memory.append',
      with: { scope: 'organisation', key: 'log.${ .kind }', item: '${ [$index, .n, ($input | length)] }' },
    };
    const input = [1, 2].map((n) => ({ kind: 'x', n }));
    await run('concurrent', { items: '${ . }', branch, maxInFlight: 1 }, { input });
    expect(agents.memory.find({ scope: 'organisation', scopeId: '', key: 'log.x' })?.value).toEqual([
      [0, 1, 2],
      [1, 2, 2],
    ]);
  });

  it('has a default where there is nothing, and fails where its name is none', async () => {
    const steps = [step('a', 'memory.get', { default: 7 })];
    expect((await run('sequential', { steps })).end[2]).toEqual({ key: 'k', value: 7, version: 0 });
    const bad = await run('sequential', { steps: [step('a', 'memory.get', { key: '${ .no }' })] }, { input: {} });
    expect([bad.end, bad.error?.code]).toEqual([['failed', 'memory_refused', null], 'request.invalid']);
  });

  it('fails as any step does when the memory refuses, and the sequence goes on or undoes', async () => {
    const before = (memory: ScriptedMemory) => void memory.set(AT, { no: 'list' });
    const steps = [
      { name: 'a', capability: 'x', compensate: { capability: 'undo' } },
      step('b', 'memory.append', { item: 1 }),
    ];
    const failed = await run('sequential', { steps, onFailure: 'compensate' }, { before });
    expect([failed.end.slice(0, 2), failed.error?.code]).toEqual([['failed', 'memory_refused'], 'memory.not_a_list']);
    expect(agents.keys).toEqual(['steps/a', 'compensate/a']);
    expect((await run('sequential', { steps, onFailure: 'continue' }, { before })).end[0]).toBe('partial');
  });

  it('searches', async () => {
    const steps = [{ name: 'a', call: 'memory.search', with: { query: '${ . }', limit: 3 } }];
    expect((await run('sequential', { steps })).end[2]).toEqual({ items: [] });
  });
});

describe('shared memory in other places of tasks', () => {
  it('is what a worker does for each item, with the item and the input of the pattern at hand', async () => {
    const worker = { call: 'memory.append', with: { ...AT, item: '${ [$order, $index, ($input | length)] }' } };
    const params = { items: '${ . }', worker, each: 'order', maxConcurrency: 1 };
    const { end } = await run('workers', params, { input: ['a', 'b'] });
    expect([end[0], agents.keys]).toEqual(['completed', []]);
    expect(agents.memory.find(AT)?.value).toEqual([
      ['a', 0, 2],
      ['b', 1, 2],
    ]);
  });

  it('makes a dead letter of an item whose write it refuses', async () => {
    const before = (memory: ScriptedMemory) => void memory.set(AT, { no: 'list' });
    const worker = { call: 'memory.append', with: AT };
    const { end, error } = await run('workers', { items: [1], worker }, { before });
    expect([end[0], error?.code]).toEqual(['failed', 'memory.not_a_list']);
  });

  it('is a source of a board: what it reads is put there, and what it writes is made of the board', async () => {
    const before = (memory: ScriptedMemory) => void memory.set(AT, 'known cause');
    const sources = [
      { call: 'memory.get', with: AT, name: 'past', writes: ['past'], maxActivations: 1 },
      {
        call: 'memory.put',
        with: { ...AT, key: 'seen', value: '${ { at: $input, board: .past.past.value } }' },
        input: '${ . }',
        name: 'keep',
        when: '.past != null and (.past | length) > 0',
        writes: ['kept'],
        maxActivations: 1,
      },
    ];
    const board = { sections: [{ name: 'past' }, { name: 'kept' }] };
    const { end } = await run('blackboard', { board, sources }, { input: 'now', before });
    expect(end[0]).toBe('completed');
    expect(end[2]).toMatchObject({
      board: { past: { past: { value: 'known cause' } }, kept: { keep: { key: 'seen' } } },
    });
    expect(agents.memory.find({ ...AT, key: 'seen' })?.value).toEqual({ at: 'now', board: 'known cause' });
  });
});

describe('consistency', () => {
  /** Reads, lets somebody else write, and goes on. */
  const around = (consistency: string, ...steps: object[]) => ({
    steps: [step('read', 'memory.get', { consistency }), { name: 'others', capability: 'x' }, ...steps],
  });
  const others: Script = () => {
    agents.memory.set(AT, 'theirs');
    return { output: 'mine' };
  };
  const options = { script: others, before: (memory: ScriptedMemory) => void memory.set(AT, 'old') };

  it.each([
    ['strong', 'theirs'],
    ['snapshot', 'old'],
    ['eventual', 'old'],
  ])('%s: a second read gives %s', async (consistency, value) => {
    const params = around(consistency, step('again', 'memory.get', { consistency }));
    expect((await run('sequential', params, options)).end[2]).toMatchObject({ value });
  });

  it.each(['strong', 'snapshot'])('%s: what changed since it was read is not written over', async (consistency) => {
    const { end, error } = await run(
      'sequential',
      around(consistency, step('w', 'memory.put', { consistency })),
      options,
    );
    expect([end.slice(0, 2), error?.code]).toEqual([['failed', 'memory_refused'], 'memory.conflict']);
    expect(agents.memory.find(AT)?.value).toBe('theirs');
  });

  it('eventual: the last write stands', async () => {
    const write = step('w', 'memory.put', { consistency: 'eventual' });
    expect((await run('sequential', around('eventual', write), options)).end[0]).toBe('completed');
    expect(agents.memory.find(AT)?.value).toBe('mine');
  });

  it('is what ifVersion says, where it says so', async () => {
    const given = (ifVersion: Json) =>
      run('sequential', { steps: [step('w', 'memory.put', { ifVersion })] }, { input: 0 });
    expect((await given('${ . }')).end[0]).toBe('completed');
    expect((await given(4)).error?.code).toBe('memory.conflict');
  });

  it('loses no update however many write at once, when the new value is made of the old', async () => {
    const branch = { call: 'memory.put', with: { ...AT, update: '(. // 0) + $data' } };
    const input = Array.from({ length: 20 }, (_, index) => index);
    const { end } = await run('concurrent', { items: '${ . }', branch }, { input });
    expect(end[0]).toBe('completed');
    expect(agents.memory.find(AT)).toEqual({ value: 190, version: 20 });
  });
});

describe('a plan that uses shared memory', () => {
  const planned =
    (...tasks: object[]): Script =>
    ({ role }) => ({ output: role === 'planner' ? ({ tasks } as Json) : 'found' });
  const params = { goal: 'g', planner: { capability: 'p' }, allow: ['x', 'memory.put', 'memory.get'], maxReplans: 0 };

  it('writes what a task gave', async () => {
    const script = planned(
      { id: 'a', capability: 'x' },
      { id: 'b', capability: 'memory.put', dependsOn: ['a'], input: { ...AT, value: '${ .results.a }' } },
    );
    expect((await run('plan', params, { script })).end).toEqual(['completed', 'done', { b: { key: 'k', version: 1 } }]);
    expect(agents.memory.find(AT)?.value).toBe('found');
  });

  it.each([
    ['memory.put', { value: 1 }, 'the input of memory.put needs a key'],
    ['memory.put', { key: 'k', colour: 1 }, 'the input of memory.put cannot have this colour'],
    ['memory.get', { key: 'a b' }, 'the input of memory.get cannot have this key'],
    ['memory.get', { key: 'k', scope: 'session' }, 'scope session needs a scopeId'],
    ['memory.get', 'k', 'the input of memory.get must be an object'],
  ])('that asks for %s with %j fails there: %s', async (capability, input, message) => {
    const { end, error } = await run('plan', params, { script: planned({ id: 'a', capability, input }) });
    expect([end[0], error?.message]).toEqual(['failed', message]);
  });

  it('knows the functions of the catalogue', () => {
    expect([...MEMORY_CALLS]).toEqual([...NAMES]);
  });
});
