import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../contracts/json.js';
import { compile, run } from '../language/jq/index.js';
import { CHOICE, nextInOrder, readChoice } from './group-chat-rules.js';
import { judgeReviews, neededApprovals, readReview, REVIEW } from './review-rules.js';

const NAMES = ['a', 'b', 'c'] as const;
const firstOf = (program: string, answer: Json): Json =>
  [...run(compile(program, { variables: [] }), answer, {}, { now: 0 })][0] ?? null;
const choice = (answer: Json) => readChoice(firstOf(CHOICE, answer), [...NAMES]);
const review = (answer: Json) => readReview('x', firstOf(REVIEW, answer));

describe('who speaks next', () => {
  it.each<[Json, object]>([
    ['b', { next: 'b' }],
    [
      { next: 'b', reason: 'knows it' },
      { next: 'b', reason: 'knows it' },
    ],
    [null, { end: true }],
    [
      { end: true, reason: 'agreed' },
      { end: true, reason: 'agreed' },
    ],
    [{ end: true, next: 'b' }, { end: true }],
    [{ end: 'yes', next: 'b' }, { next: 'b' }],
    ['nobody', { invalid: '"nobody" takes no part' }],
    [{ next: 'toString' }, { invalid: '"toString" takes no part' }],
    [{ next: ['b'] }, { invalid: 'names nobody' }],
    [{}, { invalid: 'names nobody' }],
    [7, { invalid: 'names nobody' }],
    [['b'], { invalid: 'names nobody' }],
  ])('is read from %j', (answer, read) => {
    expect(choice(answer)).toEqual(read);
  });

  it('is a participant, the end or nobody, whatever a manager answers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (answer) => {
        const read = choice(answer as Json);
        if ('next' in read) expect(NAMES).toContain(read.next);
        else expect('end' in read || 'invalid' in read).toBe(true);
      }),
    );
  });

  it('goes round in declared order, each as often as any other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), (laps) => {
        const counts = { a: 0, b: 0, c: 0 };
        let last: (typeof NAMES)[number] | undefined;
        for (let turn = 0; turn < laps * NAMES.length; turn += 1) {
          last = nextInOrder(NAMES, last);
          expect(last).toBe(NAMES[turn % NAMES.length]);
          counts[last] += 1;
        }
        expect(counts).toEqual({ a: laps, b: laps, c: laps });
      }),
    );
  });
});

describe('a review', () => {
  it.each<[Json, boolean | null, string[]]>([
    [true, true, []],
    [{ approve: false, reason: 'long' }, false, ['long']],
    [{ approve: false, reasons: ['long', 7, 'dull'] }, false, ['long', 'dull']],
    [{ approve: 'yes' }, null, ['gave no verdict']],
    ['approve', null, ['gave no verdict']],
    [null, null, ['gave no verdict']],
    [[true], null, ['gave no verdict']],
  ])('is read from %j', (answer, approve, reasons) => {
    expect(review(answer)).toEqual({ by: 'x', approve, reasons });
  });

  it('is read whatever a checker answers, and stays small', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (reasons, approve) => {
        const read = review({ approve, reasons } as Json);
        expect(read.approve).toBe(approve);
        expect(read.reasons.length).toBeLessThanOrEqual(20);
      }),
    );
  });

  it('approves exactly when enough approve; a missing verdict is never an approval', () => {
    const verdicts = fc.array(fc.constantFrom(true, false, null), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(verdicts, fc.integer({ min: 1, max: 20 }), (approvals, quorum) => {
        const reviews = approvals.map((approve, at) => ({ by: `c${at}`, approve, reasons: [] }));
        const yes = approvals.filter((approve) => approve === true).length;
        const all = neededApprovals({ pass: 'all', checkers: reviews.map(({ by: name }) => ({ name })) });
        expect(judgeReviews(reviews, all) === 'approved').toBe(yes === reviews.length);
        expect(judgeReviews(reviews, quorum) === 'approved').toBe(yes >= quorum);
        if (approvals.every((approve) => approve === null)) expect(judgeReviews(reviews, quorum)).toBe('silent');
      }),
    );
  });
});
