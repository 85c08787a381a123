import { describe, expect, it } from '@jest/globals';
import { Programs } from './programs.js';

describe('programs that were compiled', () => {
  it('are the same as long as they are in use, and others with other variables', () => {
    const programs = new Programs(2);
    const first = programs.compiled('$a', ['a']);
    expect(programs.compiled('$a', ['a', 'b'])).not.toBe(first);
    expect(programs.compiled('$a', ['a'])).toBe(first);
    programs.compiled('.x', []);
    expect(programs.compiled('$a', ['a'])).toBe(first);
    programs.compiled('.y', []);
    programs.compiled('.z', []);
    expect(programs.compiled('$a', ['a'])).not.toBe(first);
  });

  it('are refused like any other', () => {
    expect(() => new Programs().compiled('$a', [])).toThrow('$a is not defined');
  });
});
