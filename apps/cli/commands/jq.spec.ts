import { describe, expect, it } from '@jest/globals';
import { evaluateAll } from './jq.js';
import { jqOptions } from './jq-options.js';

const printed = (args: string[], input = '{"a":1}') => [...evaluateAll(jqOptions(args), () => input)];

describe('brikk jq', () => {
  it('prints each result as jq does', () => {
    expect(printed(['.a, .'])).toEqual(['1', '{\n  "a": 1\n}']);
    expect(printed(['-c', '.'])).toEqual(['{"a":1}']);
    expect(printed(['.[]'], '[1e-5, "x"]')).toEqual(['1e-05', '"x"']);
  });

  it('prints texts as they are with -r, also among joined flags behind the program', () => {
    expect(printed(['.', '-rc'], '"a\\nb" [1]')).toEqual(['a\nb', '[1]']);
  });

  it('reads nothing with -n, and all as one list with -s', () => {
    expect(printed(['-n', '1 + 1'])).toEqual(['2']);
    expect(printed(['-s', '-c', '.'], '1 2 [3]')).toEqual(['[1,2,[3]]']);
  });

  it('knows variables', () => {
    expect(printed(['--arg', 'x', '1', '--argjson', 'y', '{"z":2}', '-nc', '[$x, $y.z]'])).toEqual(['["1",2]']);
  });

  it.each([
    [['.a |'], /jq: syntax error: unexpected end of program at line 1, column 5/],
    [['$x'], /jq: \$x is not defined at line 1, column 1/],
    [['.a.b'], /jq: Cannot index number with string /],
    [['-n', '[range(1e9)]'], /jq: (steps|bytes) limit/],
    [['--slurpfile', 'x', 'y', '.'], /--slurpfile is not known; allowed: -n -r/],
    [['-x', '.'], /-x is not known/],
    [[], /A program is missing/],
    [['.', 'a.json', 'b.json'], /One file at most: b\.json/],
    [['--arg', 'x'], /--arg needs a name and a value/],
    [['--arg', '$x', '1', '.'], /has no \$/],
    [['--argjson', 'x', '{', '.'], /--argjson x is not JSON/],
  ])('says what is wrong with %j', (args, message) => expect(() => printed(args)).toThrow(message));

  it('says that an input is not JSON, or cannot be read', () => {
    expect(() => printed(['.'], '{"a": }')).toThrow('The input is not JSON: {"a": }');
    const unreadable = () => {
      throw new Error('ENOENT');
    };
    expect(() => [...evaluateAll(jqOptions(['.', 'gone.json']), unreadable)]).toThrow('gone.json cannot be read');
  });
});
