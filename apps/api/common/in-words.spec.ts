import { describe, expect, it } from '@jest/globals';
import { inWords } from './in-words.js';

describe('violations in words', () => {
  it('tell the first, what was meant, and how many more there are', () => {
    const first = { path: 'with.select', message: 'must be one of …', didYouMean: 'random' };
    const second = { path: 'labels', message: 'must be an object' };
    expect(inWords('The body breaks its schema', [first, second])).toBe(
      'The body breaks its schema at with.select: must be one of … (did you mean random?), and 1 more',
    );
  });

  it('name no place when it is the whole', () => {
    const violation = { path: 'body', message: 'is required' };
    expect(inWords('The body breaks its schema', [violation])).toBe('The body breaks its schema: is required');
  });
});
