import { describe, expect, it } from '@jest/globals';
import type { StoryLine } from '../../../contracts/story/story.js';
import { liveLine, storyText } from './story-output.js';

const line = (text: string, ...place: string[]): StoryLine => ({
  position: 1,
  at: '2026-01-01T00:00:00.000Z',
  place,
  text,
  isTrouble: false,
});

describe('a story on the terminal', () => {
  it('puts what happened at one place together, whatever came between', () => {
    const told = storyText([
      line('begins'),
      line('one', 'items/0', 'a'),
      line('two', 'fix'),
      line('three', 'items/0', 'b'),
      line('four', 'items/0', 'a'),
      line('ends'),
    ]);
    expect(told.split('\n')).toEqual([
      'begins',
      '  items/0',
      '    a      one',
      '           four',
      '    b      three',
      '  fix      two',
      'ends',
    ]);
  });

  it('breaks lines where the terminal ends, below their beginning', () => {
    const words = Array.from({ length: 12 }, () => 'wordy').join(' ');
    expect(storyText([line(words, 'a')], 50).split('\n')).toEqual([
      `  a  ${'wordy '.repeat(7).trim()}`,
      `     ${'wordy '.repeat(5).trim()}`,
    ]);
  });

  it('gives a long name a line of its own', () => {
    const name = 'n'.repeat(30);
    expect(storyText([line('done', name)]).split('\n')).toEqual([`  ${name}`, `${' '.repeat(26)}done`]);
  });

  it('is told live with its place, and marks trouble', () => {
    expect(liveLine(line('one', 'items/0', 'a'))).toBe('items/0 › a: one');
    expect(liveLine({ ...line('no luck'), isTrouble: true })).toBe('✗ no luck');
  });
});
