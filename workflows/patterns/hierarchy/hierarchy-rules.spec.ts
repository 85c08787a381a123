import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { result } from '../../lib/pattern-result.js';
import { inline } from '../../lib/values.js';
import { troubleOf } from './attend.js';
import { Caps } from './caps.js';
import { readDelegation, readRuling } from './delegation-rules.js';
import { splitBudget } from './split-budget.js';

const subtask = (id: string, more: object = {}) => ({
  id,
  capability: 'x',
  agent: null,
  team: null,
  weight: null,
  hasInput: false,
  ...more,
});
const read = (subtasks: object[], allow?: string[]) => readDelegation({ isDone: false, subtasks } as never, allow);

describe('a delegation', () => {
  it('is read with whom each subtask goes to', () => {
    expect(
      read([subtask('a'), subtask('b', { capability: null, team: { capability: 'lead', agent: null }, weight: 2 })]),
    ).toEqual({
      subtasks: [
        { id: 'a', to: { capability: 'x' }, isTeam: false, weight: 1, hasInput: false, index: 0 },
        { id: 'b', to: { capability: 'lead' }, isTeam: true, weight: 2, hasInput: false, index: 1 },
      ],
    });
  });

  it('may be the work itself', () => {
    expect(readDelegation({ isDone: true, subtasks: null }, undefined)).toEqual({ isDone: true });
  });

  it.each([
    ['no list', readDelegation({ isDone: false, subtasks: 3 }, undefined), /subtasks/],
    ['an empty list', read([]), /subtasks/],
    ['a number', readDelegation(null, undefined), /subtasks/],
    ['nobody', read([subtask('a', { capability: null })]), /subtask 1: needs exactly one/],
    ['two at once', read([subtask('a', { agent: 'y' })]), /needs exactly one/],
    ['a team beside a worker', read([subtask('a', { team: { capability: 'l', agent: null } })]), /in it, not beside/],
    ['a name with a space', read([subtask('a b')]), /id must be/],
    ['the same id twice', read([subtask('a'), subtask('a')]), /a: the id is given twice/],
    ['no weight', read([subtask('a', { weight: 0 })]), /weight/],
    ['whom it may not use', read([subtask('a')], ['y', 'z']), /x is not one of y, z/],
  ])('that names %s goes back with the reason', (_, read, reason) => {
    expect('errors' in read && read.errors[0]).toMatch(reason);
  });

  it('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void readDelegation(json as never, ['x'])));
    fc.assert(fc.property(fc.jsonValue(), (json) => void readRuling(json as never, ['x'])));
  });
});

describe('a ruling', () => {
  const said = (more: object) => ({ reassign: null, hasInput: false, accept: null, giveUp: null, ...more }) as never;
  it.each([
    [{ reassign: true }, { reassign: undefined, hasInput: false }],
    [
      { reassign: { capability: 'x', agent: null }, hasInput: true },
      { reassign: { capability: 'x' }, hasInput: true },
    ],
    [{ accept: true }, { accept: true }],
    [{ giveUp: 'enough' }, { giveUp: 'enough' }],
    [{ reassign: { capability: 'y', agent: null } }, undefined],
    [{}, undefined],
  ])('%j is read', (ruling, read) => {
    expect(readRuling(said(ruling), ['x'])).toEqual(read);
  });
});

describe('the caps', () => {
  const limits = { maxDepth: 2, maxFanOut: 3, maxAgents: 6 };
  const ids = (list: { id: string }[]) => list.map(({ id }) => id);
  const workers = (...names: string[]) => names.map((id) => ({ id }));

  it('let through what fits, in order, and say what refused the rest', () => {
    const caps = new Caps(limits, 1);
    const first = caps.admit(workers('a', 'b', 'c', 'd'), ['lead']);
    expect([ids(first.admitted), first.refused]).toEqual([['a', 'b', 'c'], [{ id: 'd', cap: 'maxFanOut' }]]);
    const second = caps.admit(workers('e', 'f', 'g'), ['lead', 'other']);
    expect([ids(second.admitted), second.refused]).toEqual([['e', 'f'], [{ id: 'g', cap: 'maxAgents' }]]);
  });

  it('refuse a team below the last manager allowed, and one that is its own ancestor', () => {
    const caps = new Caps(limits, 1);
    const teams = [
      { id: 'a', lineage: 'lead' },
      { id: 'b', lineage: 'other' },
    ];
    expect(caps.admit(teams, ['lead']).refused).toEqual([{ id: 'a', cap: 'cycle' }]);
    expect(caps.admit([{ id: 'c', lineage: 'third' }], ['lead', 'other']).refused).toEqual([
      { id: 'c', cap: 'maxDepth' },
    ]);
  });

  it('hold for any tree of delegations', () => {
    const sizes = fc.array(fc.nat(30), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 60 }), (teams, fanOut, agents) => {
        const caps = new Caps({ maxDepth: 9, maxFanOut: fanOut, maxAgents: agents }, 1);
        let total = 1;
        for (const size of teams) {
          const { admitted, refused } = caps.admit(workers(...Array.from({ length: size }, (_, at) => `${at}`)), ['m']);
          expect(admitted.length + refused.length).toBe(size);
          expect(admitted.length).toBeLessThanOrEqual(fanOut);
          total += admitted.length;
        }
        expect(total).toBeLessThanOrEqual(Math.max(agents, 1));
      }),
    );
  });
});

describe('a split budget', () => {
  const budget = { calls: 10, costUsd: 1, onExceeded: 'stop' as const };

  it('leaves the manager a part, too', () => {
    expect(splitBudget('equal', budget, [1, 3])).toEqual([
      { calls: 3, costUsd: 1 / 3, onExceeded: 'stop' },
      { calls: 3, costUsd: 1 / 3, onExceeded: 'stop' },
    ]);
    expect(splitBudget('weighted', budget, [1, 3]).map((share) => share?.calls)).toEqual([2, 6]);
  });

  it('is not split on demand, or where nothing is counted down', () => {
    expect(splitBudget('onDemand', budget, [1, 1])).toEqual([undefined, undefined]);
    expect(splitBudget('equal', { wallClockMs: 5, onExceeded: 'stop' }, [1])).toEqual([undefined]);
    expect(splitBudget('equal', undefined, [1])).toEqual([undefined]);
  });

  it('never adds up to more than the whole', () => {
    const amount = fc.integer({ min: 1, max: 1_000_000 });
    const weights = fc.array(fc.double({ min: 0.001, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(
        amount,
        amount,
        weights,
        fc.constantFrom('equal' as const, 'weighted' as const),
        (calls, tokens, parts, how) => {
          const shares = splitBudget(how, { calls, tokens, onExceeded: 'stop' }, parts);
          for (const [name, whole] of Object.entries({ calls, tokens }))
            expect(shares.reduce((sum, share) => sum + (share?.[name as 'calls'] ?? 0), 0)).toBeLessThanOrEqual(whole);
        },
      ),
    );
  });
});

describe('trouble', () => {
  const ended = (status: 'completed' | 'failed', more: object = {}) => ({
    ...result(status, status === 'failed' ? 'agent_failed' : 'done', inline(1)),
    ...more,
  });
  it('is what escalate names, and nothing else', () => {
    expect(troubleOf(ended('failed'), ['onFailure'])).toBe('failure');
    expect(troubleOf(ended('failed'), ['onBudget'])).toBeUndefined();
    expect(troubleOf(ended('failed', { status: 'rejected' }), ['onFailure'])).toBeUndefined();
    expect(troubleOf(ended('failed', { terminationReason: 'budget' }), ['onFailure', 'onBudget'])).toBe('budget');
    expect(troubleOf(ended('completed', { confidence: 0.4 }), [{ onLowConfidence: 0.5 }])).toBe('low_confidence');
    expect(troubleOf(ended('completed', { confidence: 0.6 }), [{ onLowConfidence: 0.5 }])).toBeUndefined();
    expect(troubleOf(ended('completed'), [{ onLowConfidence: 0.5 }])).toBeUndefined();
  });
});
