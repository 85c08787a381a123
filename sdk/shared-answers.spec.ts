import { describe, expect, it } from '@jest/globals';
import { SharedAnswers } from './shared-answers.js';

const here = new AbortController().signal;

describe('answers by idempotency key', () => {
  it('forgets the oldest when there are too many, but none that is still being worked on', async () => {
    const answers = new SharedAnswers<number>(2);
    let finish: (answer: number) => void = () => undefined;
    const slow = answers.answer('slow', '', here, () => new Promise<number>((resolve) => (finish = resolve)));
    for (const key of ['a', 'b', 'c']) await answers.answer(key, '', here, () => Promise.resolve(1));
    expect(['slow', 'a', 'b', 'c'].map((key) => answers.find(key) !== undefined)).toEqual([true, false, false, true]);
    finish(7);
    expect(await slow).toBe(7);
  });

  it('gives up work that nobody waits for, and goes on when a repeat comes in time', async () => {
    const answers = new SharedAnswers<string>(10, 50);
    const work = (abandoned: AbortSignal) =>
      new Promise<string>((_, reject) => abandoned.addEventListener('abort', () => reject(abandoned.reason as Error)));
    const callers = [1, 2, 3].map(() => new AbortController());
    const given = callers.map(({ signal }) => answers.answer('k', '', signal, work).catch(String));
    callers[0]?.abort();
    callers[1]?.abort();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answers.find('k')).toBeDefined();
    callers[2]?.abort();
    expect(await Promise.all(given)).toEqual(Array(3).fill('Error: nobody waits'));
    expect(answers.find('k')).toBeUndefined();
  });
});
