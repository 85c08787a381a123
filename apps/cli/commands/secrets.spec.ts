import { describe, expect, it } from '@jest/globals';
import { secretOf } from './secret-input.js';
import { secretsTable } from './secrets.js';

describe('brikk secrets', () => {
  it('takes text without its last line break, or a JSON object', () => {
    expect(secretOf('hunter-2\n', {})).toBe('hunter-2');
    expect(secretOf('two\nlines\n', {})).toBe('two\nlines');
    expect(secretOf('{"username":"a"}', { json: true })).toEqual({ username: 'a' });
  });

  it.each([
    ['\n', {}, /on the standard input/],
    ['hunter-2', { json: true }, /no JSON object/],
    ['["hunter-2"]', { json: true }, /no JSON object/],
  ])('refuses %j with %j, and does not show it', (text, options, message) => {
    const refusal = () => secretOf(text, options);
    expect(refusal).toThrow(message);
    expect(refusal).not.toThrow(/hunter/);
  });

  it('says how to begin where there is none', () => {
    expect(secretsTable([])).toMatch(/brikk secrets put/);
    const updatedBy = { type: 'api-key' as const, id: 'k' };
    expect(secretsTable([{ name: 'pager', version: 2, updatedAt: new Date().toISOString(), updatedBy }])).toMatch(
      /pager +2/,
    );
  });
});
