import { describe, expect, it } from '@jest/globals';
import { type ChangedFile, heed, reviewHazards, reviewSize, reviewTests } from './review.js';

const file = (path: string, change: Partial<ChangedFile> = {}): ChangedFile => ({
  path,
  additions: 1,
  deletions: 0,
  patch: '',
  ...change,
});

describe('reviews of a change', () => {
  it('want a change that somebody can read in one go', () => {
    expect(reviewSize([file('a.ts', { additions: 200, deletions: 200 })]).vote).toBe('approve');
    expect(reviewSize([file('a.ts', { additions: 200 }), file('b.ts', { deletions: 201 })]).vote).toBe(
      'request changes',
    );
  });

  it('want a test with code, and none with what is no code', () => {
    expect(reviewTests([file('src/pay.ts')])).toEqual({ vote: 'request changes', reason: 'no test for src/pay.ts' });
    for (const test of ['src/pay.spec.ts', 'test/pay.ts', 'pay_test.go'])
      expect([test, reviewTests([file('src/pay.ts'), file(test)]).vote]).toEqual([test, 'approve']);
    expect(reviewTests([file('README.md')]).vote).toBe('approve');
  });

  it('look for hazards in what is added, not in what goes', () => {
    expect(reviewHazards([file('a.ts', { patch: '-eval(x)\n+run(x)' })]).vote).toBe('approve');
    expect(reviewHazards([file('a.ts', { patch: ' x\n+eval(x)' })]).reason).toBe('a hazard in a.ts');
  });

  it('join those who found something, and stand by what they found themselves', () => {
    const [good, bad] = [reviewSize([]), reviewTests([file('a.ts')])];
    expect(heed(good, [{ vote: 'approve' }])).toBe(good);
    expect(heed(good, [{ vote: 'approve' }, bad])).toEqual(bad);
    expect(heed(bad, [{ vote: 'approve' }])).toBe(bad);
  });
});
