import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../../contracts/json.js';
import { compile, run } from '../../language/jq/index.js';
import { JUDGEMENT, judgeFacts, LEDGER, nextStalls, readJudgement } from './plan-ledger.js';
import { readOrder } from './plan-order.js';
import type { PlannedTask } from './plan-rules.js';

const firstOf = (program: string, answer: Json): Json =>
  [...run(compile(program, { variables: [] }), answer, {}, { now: 0 })][0] ?? null;
const read = (answer: unknown, ...open: string[]) => readJudgement(firstOf(JUDGEMENT, answer as Json), new Set(open));
const good = { satisfied: false, looping: false, progressing: true };

describe('the stall counter', () => {
  it('goes up by one for a round that brought nothing or goes in circles, and down by one, not below 0, for any other', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ progressing: fc.boolean(), looping: fc.boolean() })), (rounds) => {
        let stalls = 0;
        for (const round of rounds) {
          const before = stalls;
          stalls = nextStalls(stalls, round);
          const isStall = round.looping || !round.progressing;
          expect(stalls).toBe(isStall ? before + 1 : before === 0 ? 0 : before - 1);
        }
        expect(stalls).toBeLessThanOrEqual(rounds.length);
      }),
    );
  });
});

describe('a judgement', () => {
  it('is read with the tasks that are done again, of those that are open', () => {
    const next = ['b', { id: 'c', instruction: 'shorter' }, 'done', { id: 7 }, { id: 'c', instruction: 'in French' }];
    expect(read({ ...good, next, reason: 'two gaps', ledger: {} }, 'b', 'c')).toEqual({
      ...good,
      next: [{ id: 'b' }, { id: 'c', instruction: 'in French' }],
      reason: 'two gaps',
      hasLedger: true,
      hasSummary: false,
    });
  });

  it.each<[string, Json]>([
    ['no object', 'fine'],
    ['nothing', null],
    ['a question that is left open', { satisfied: false, looping: false }],
    ['a word for a truth', { ...good, satisfied: 'no' }],
  ])('is none with %s', (_, answer) => {
    expect(read(answer)).toBeUndefined();
  });

  it('is read, or is none, whatever an agent answers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (answer, next) => {
        read(answer as Json, 'a');
        const judgement = read({ ...good, next } as Json, 'a');
        for (const { id } of judgement?.next ?? []) expect(id).toBe('a');
      }),
    );
  });

  it('of the facts alone calls finished work progress, and the goal met when nothing is open', () => {
    expect(judgeFacts({ open: 2, finished: 1 })).toMatchObject({ satisfied: false, progressing: true, next: [] });
    expect(judgeFacts({ open: 2, finished: 0 })).toMatchObject({ satisfied: false, progressing: false });
    expect(judgeFacts({ open: 0, finished: 1 })).toMatchObject({ satisfied: true });
  });

  it('needs a planner that keeps a ledger beside its tasks', () => {
    expect(firstOf(LEDGER, { tasks: [], ledger: { facts: ['a'] } })).toEqual({ facts: ['a'] });
    expect(firstOf(LEDGER, { tasks: [] })).toBeNull();
    expect(firstOf(LEDGER, [])).toBeNull();
  });
});

describe('an order of ready tasks', () => {
  const tasks = ['a', 'b', 'c'].map((id, index): PlannedTask => {
    return { id, capability: 'x', dependsOn: [], hasInput: false, priority: 0, index };
  });
  const order = (answer: Json | undefined) => readOrder(answer, tasks)?.map(({ id }) => id);

  it('names each of them once', () => {
    expect(order(['c', 'a', 'b'])).toEqual(['c', 'a', 'b']);
    expect(order({ order: ['b', 'c', 'a'] })).toEqual(['b', 'c', 'a']);
  });

  it.each<[Json | undefined]>([[undefined], [null], ['a'], [['a', 'b']], [['a', 'b', 'b']], [['a', 'b', 'd']], [{}]])(
    'is invalid as %j',
    (answer) => {
      expect(order(answer)).toBeUndefined();
    },
  );

  it('is a permutation or none, whatever an agent answers', () => {
    const answers = fc.oneof(fc.jsonValue(), fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 }));
    fc.assert(
      fc.property(answers, (answer) => {
        const ordered = order(answer as Json);
        if (ordered) expect(ordered.toSorted()).toEqual(['a', 'b', 'c']);
      }),
    );
  });
});
