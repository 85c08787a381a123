import { describe, expect, it } from '@jest/globals';
import { JqError } from './jq-error.js';
import { bareProgram, splitTemplate } from './template.js';

const programs = (text: string) =>
  splitTemplate(text).flatMap(({ kind, text: part }) => (kind === 'program' ? part : []));

describe('splitTemplate', () => {
  it('tells text and programs apart, in order', () => {
    expect(splitTemplate('a ${ .b }, ${ .c }!')).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'program', text: ' .b ' },
      { kind: 'text', text: ', ' },
      { kind: 'program', text: ' .c ' },
      { kind: 'text', text: '!' },
    ]);
    expect(splitTemplate('')).toEqual([]);
    expect(splitTemplate('costs $5 {}')).toEqual([{ kind: 'text', text: 'costs $5 {}' }]);
  });

  it('looks past braces in strings, objects and comments', () => {
    expect(programs('${ {a: "}\\("}")"} } tail')).toEqual([' {a: "}\\("}")"} ']);
    expect(programs('${ 1 # } \n }!')).toEqual([' 1 # } \n ']);
  });

  it('refuses a program that is not closed', () => {
    expect(() => splitTemplate('${ .a')).toThrow(JqError);
    expect(() => splitTemplate('${ .a } ${ "b')).toThrow(JqError);
  });
});

describe('bareProgram', () => {
  it('takes off the braces around the whole, and no others', () => {
    expect([bareProgram('${ .a }').trim(), bareProgram('.a')]).toEqual(['.a', '.a']);
    expect(bareProgram('${ .a } > 3')).toBe('${ .a } > 3');
  });
});
