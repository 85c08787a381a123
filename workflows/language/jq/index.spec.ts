import { describe, expect, it } from '@jest/globals';
import { compile, JqError, run, type Json } from './index.js';

const evaluate = (program: string, input: Json = null): Json[] => run(compile(program), input);

function caught(action: () => unknown): JqError {
  try {
    action();
  } catch (error) {
    if (error instanceof JqError) return error;
    throw error;
  }
  throw new Error('no error');
}

describe('compile', () => {
  it.each([
    ['1 +', 1, 4],
    ['.a |\n  foo', 2, 3],
    ['"é" + $x', 1, 7],
    ['{a: 1', 1, 6],
    ['"abc', 1, 1],
    ['"\\x"', 1, 2],
    ['. as [$a', 1, 9],
    ['(1]', 1, 3],
    ['1 as x | 2', 1, 6],
    ['1 == 1 == 1', 1, 8],
    ['break $out', 1, 1],
    ['if 1 then 2', 1, 12],
    ['{(1): 2}', 1, 3],
    ['@nothing', 1, 1],
    ['^', 1, 1],
  ])('tells where %j goes wrong', (program, line, column) => {
    const error = caught(() => compile(program));
    expect(error.kind).toBe('syntax');
    expect(error.position).toEqual({ line, column });
  });

  it.each(['input', 'inputs', 'debug', '$ENV', 'env', 'localtime', 'IN(1)', 'INDEX(.a)', 'import "a" as a; 1', 'halt'])(
    'says that %s is left out',
    (program) => expect(() => compile(program)).toThrow(/not supported/),
  );

  it('knows the variables it is told of', () => {
    const program = compile('[$a, $b]', { variables: ['a', 'b'] });
    expect(run(program, null, { a: 1 })).toEqual([[1, null]]);
    expect(() => compile('$c', { variables: ['a'] })).toThrow('$c is not defined');
  });
});

describe('run', () => {
  it.each<[string, Json[]]>([
    ['1, 2 | . * 10', [10, 20]],
    ['1 - 2 - 3', [-4]],
    ['false // 1 // 2', [1]],
    ['1 as $x | 2 as $y | [$x, $y]', [[1, 2]]],
    ['[(1, 2) + (10, 20)]', [[11, 12, 21, 22]]],
    ['"\\(1, 2)-\\(3, 4)"', ['1-3', '2-3', '1-4', '2-4']],
    ['try error("x") catch ., try error({a: 1}) catch .a', ['x', 1]],
    ['[.[]?, (1 | .a?)]', [[]]],
    ['try ((1, 2) | if . == 2 then error("late") else . end) catch .', [1, 'late']],
    ['[label $out | 1, break $out, 2]', [[1]]],
    ['[1, [2]] as [$a, [$b]] | $a + $b', [3]],
    ['{"a": 1, "b": [2]} as {$a, b: [$c], ("a"): $d} | [$a, $c, $d]', [[1, 2, 1]]],
    ['[[3]] | .[] as [$a] ?// [$b] | if $a != null then error("no") else {$a, $b} end', [{ a: null, b: 3 }]],
    ['[limit(3; range(10))], [skip(8; range(10))], first(range(5)), nth(2; range(5))', [[0, 1, 2], [8, 9], 0, 2]],
    ['def f($a; g): $a + g; f(1; 2, 3)', [3, 4]],
    ['def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; 5 | fac', [120]],
    ['2 | [-. * "a"], [-. as $x | $x, .], [reduce -1 as $x (0; $x)]', [[null], [-2, 2], [-1]]],
    ['$__loc__', [{ file: '<top-level>', line: 1 }]],
    ['1e17, 1e-5, 100000000000000000000, 3.10 | tojson', ['1e+17', '1e-05', '1e+20', '3.1']],
    ['[nan, infinite] | tojson', ['[null,1.7976931348623157e+308]']],
  ])('%s', (program, results) => expect(evaluate(program)).toEqual(results));

  it('updates along paths', () => {
    expect(evaluate('.a.b |= . + 1 | .c[1] = 2 | del(.d)', { a: { b: 1 }, d: 0 })).toEqual([
      { a: { b: 2 }, c: [null, 2] },
    ]);
    expect(evaluate('(.[] | select(. > 1)) |= empty', [1, 2, 3])).toEqual([[1]]);
    expect(evaluate('.[1:3] = ["x"] | .[0] += 5 | .[-1] //= 1', [1, 2, 3, null])).toEqual([[6, 'x', 1]]);
    expect(evaluate('[paths], [path(.. | numbers)]', { a: [1] })).toEqual([[['a'], ['a', 0]], [['a', 0]]]);
    expect(evaluate('path(limit(1; .a, .b)), path(getpath(["x", 0]) | .y)')).toEqual([['a'], ['x', 0, 'y']]);
    expect(() => evaluate('path(1)')).toThrow('Invalid path expression with result 1');
    expect(() => evaluate('[1] | .a')).toThrow('Cannot index array with string ("a")');
  });

  it('counts code points and orders by them', () => {
    expect(evaluate('length, utf8bytelength, .[1:2], (explode | implode), [match("b").offset]', '😀éb')).toEqual([
      3,
      7,
      'é',
      '😀éb',
      [2],
    ]);
    expect(evaluate('keys', { '😀': 1, '￿': 2, a: 3 })).toEqual([['a', '￿', '😀']]);
  });

  it('contains what is of the same kind, and what is inside of it in another kind is no error', () => {
    expect(evaluate('contains([{b: "x"}]), contains([{b: null}]), (null | has("a"))', [{ b: null }])).toEqual([
      false,
      true,
      false,
    ]);
    expect(evaluate('try reverse catch .', { a: 1, b: 2 })).toEqual(['Cannot index object with number (1)']);
    expect(() => evaluate('true | contains(false)')).toThrow('cannot have their containment checked');
  });

  it('treats __proto__ and constructor as plain keys', () => {
    expect(evaluate('.constructor, .__proto__, has("toString")', {})).toEqual([null, null, false]);
    expect(evaluate('{"__proto__": 1} | .__proto__, keys, tojson')).toEqual([1, ['__proto__'], '{"__proto__":1}']);
    expect(evaluate('{a: 1} * {"__proto__": {b: 2}} | .b')).toEqual([null]);
  });

  it('formats', () => {
    expect(evaluate('@base64, @base32, @uri, @sh, @html, @json', "a'é<")).toEqual([
      'YSfDqTw=',
      'MET4HKJ4',
      'a%27%C3%A9%3C',
      "'a'\\''é<'",
      'a&apos;é&lt;',
      '"a\'é<"',
    ]);
    expect(evaluate('(@base64 | @base64d), (@base32 | @base32d), (@uri | @urid)', 'ü😀')).toEqual([
      'ü😀',
      'ü😀',
      'ü😀',
    ]);
    expect(evaluate('@csv, @tsv', [1, 'a"\t', null, true])).toEqual(['1,"a""\t",,true', '1\ta"\\t\t\ttrue']);
    expect(() => evaluate('@csv', [[1]])).toThrow('array ([1]) is not valid in a csv row');
    expect(() => evaluate('@base64d', '!!')).toThrow('not valid base64');
    expect(() => evaluate('@base32d', '!!')).toThrow('not valid base32');
    expect(() => evaluate('@urid', '%zz')).toThrow('not a valid uri encoding');
  });

  it('tells times in UTC, and now as it is given', () => {
    expect(run(compile('now, (now | todate)'), null, {}, { now: 1_425_599_621_500 })).toEqual([
      1_425_599_621.5,
      '2015-03-05T23:53:41Z',
    ]);
    expect(evaluate('gmtime, (gmtime | mktime), strftime("%A %j %U %V %G %c %p %I")', 1_425_599_621)).toEqual([
      [2015, 2, 5, 23, 53, 41, 4, 63],
      1_425_599_621,
      'Thursday 064 09 10 2015 Thu Mar  5 23:53:41 2015 PM 11',
    ]);
    expect(evaluate('strptime("%a, %d %b %Y %I:%M:%S %p %z") | mktime', 'Thu, 05 Mar 2015 11:51:47 PM +0100')).toEqual([
      1_425_599_507,
    ]);
    expect(['[1]', '[-1]', '[2015]', '[10000]'].map((year) => evaluate(`${year} | strftime("%Y %y %C")`)[0])).toEqual([
      '0001 01 00',
      '-001 01 00',
      '2015 15 20',
      '+10000 00 100',
    ]);
    expect(() => evaluate('strptime("%Y")', 'x')).toThrow('date "x" does not match format "%Y"');
  });

  it("matches regular expressions in Oniguruma's dialect", () => {
    expect(evaluate('[scan("(?i)[[:alpha:]]+")], [scan("\\\\p{Lu}")]', 'aB é1')).toEqual([['aB', 'é'], ['B']]);
    expect(evaluate('test("(?<=a)b"), test("(?<!a)b"), test("a(?!c)"), test("(?>a+)a"), test("a++b")', 'aab')).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(evaluate('test("(.)\\\\1"), test("(?<x>.)\\\\k<x>"), test("A"; "i"), test("a a b"; "x")', 'aab')).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(
      evaluate('[match("a{1,2}?";"g").length], [match("a|ab|abb";"l").length], [match("^";"g").offset]', 'abb'),
    ).toEqual([[1], [3], [0]]);
    expect(
      evaluate('test("a.b"), test("a.b"; "p"), test("(?m)^b$"), test("[^\\\\s&&[a-c]]"), test("\\\\Qa.\\\\E")', 'a\nb'),
    ).toEqual([false, true, true, true, false]);
    expect(
      evaluate('gsub("(?<c>[b-z])"; "<\\(.c)>"), sub("a"; "1", "2"), [splits("b")], capture("(?<x>z)?")', 'abc'),
    ).toEqual(['a<b><c>', '1bc', '2bc', ['a', 'c'], { x: null }]);
    expect(() => evaluate('test("(")', 'a')).toThrow('end pattern with unmatched parenthesis');
    expect(() => evaluate('test("a"; "q")', 'a')).toThrow('q is not a valid modifier string');
  });

  it('tells where a runtime error came from', () => {
    const error = caught(() => evaluate('1 |\n  . + {}'));
    expect(error).toMatchObject({
      kind: 'runtime',
      message: 'number (1) and object ({}) cannot be added',
      position: { line: 2, column: 5 },
    });
  });
});
