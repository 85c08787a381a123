import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compile, JqError, run } from './index.js';

/** One of each way to write something. */
const PROGRAMS = [
  '.a.b | map(select(.x > 3)) | length',
  '[.[] | {name, "k\\(.id)": .v?, ($x): @base64 "a\\(.n)b"}] | group_by(.name)[0][1:-1]',
  'def f(g; $n): if $n <= 0 then . elif . == null then empty else g | f(g; $n - 1) end; f(. + 1; 3)',
  'reduce .[] as [$a, {b: $c}] (0; . + $a) // "none"',
  'foreach range(5) as $i (null; . + $i; [$i, .]) | limit(3; .[])',
  'try error({a: 1}) catch .a, (.a |= . + 1 | .b //= 2 | del(.c[0]))',
  '. as {a: $x} ?// [$x] | $x | test("^(a+)+$"; "gx") and not',
  'label $out | .[] | if . > 1 then ., break $out else . end',
  'path(..) | getpath(.) | ascii_downcase | ltrimstr("a") | @json, @tsv "\\([1])"',
  '"2026-01-01T00:00:00Z" | fromdate | strftime("%Y-%m-%d") | splits("-"; null)',
  '$__loc__, -1e3, .["a-b"].c."d", .[1:], ..|tostring?, [limit(2; repeat(1))]',
];
const BITS = [
  '(',
  ')',
  '[',
  '{',
  '}',
  '|',
  '"',
  '\\(',
  '.',
  '..',
  '$',
  ' as ',
  ' def ',
  ' end',
  '?',
  '//',
  '-',
  '#',
  '\0',
  '\ud800',
  '1e',
  '%',
];

const mutated = fc
  .tuple(
    fc.constantFrom(...PROGRAMS),
    fc.array(
      fc.record({
        at: fc.nat(200),
        cut: fc.nat(6),
        bit: fc.oneof(fc.constantFrom(...BITS), fc.string({ maxLength: 3 }), fc.constantFrom(...PROGRAMS)),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([program, edits]) =>
    edits.reduce(
      (text, { at, cut, bit }) => `${text.slice(0, at % text.length)}${bit}${text.slice((at % text.length) + cut)} `,
      program,
    ),
  );
const LIMITS = { steps: 5_000, bytes: 10_000, depth: 200 };

/** What it fails with; undefined when it does not. */
function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('whatever is written as a program', () => {
  it('is compiled and run, or refused with the error of this language and nothing else', () => {
    let compiled = 0;
    fc.assert(
      fc.property(mutated, fc.jsonValue({ maxDepth: 2 }), (text, input) => {
        const failure = failureOf(() => {
          const program = compile(text, { variables: ['x'] });
          compiled += 1;
          run(program, input as never, { x: 'k' }, LIMITS);
        });
        if (failure !== undefined) expect(failure).toBeInstanceOf(JqError);
      }),
      { numRuns: 4_000, seed: 20_261 },
    );
    expect(compiled).toBeGreaterThan(100);
  });
});
