import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadJq } from 'jq-wasm';
import { compile, run, type Json } from './index.js';

const CASES = Number(process.env['BRIKK_JQ_CASES'] ?? 2_000);
const BATCH = 100;

/** Short numbers only: jq keeps the decimal literals of long ones. */
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, false, 0, 1, -1, 2.5, 10, '', 'a', 'ab', 'é😀', '1'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '😀'), tie('value'), { maxKeys: 3 }),
  ),
})).value;

const NATIVE = [
  'length',
  'keys',
  'not',
  'type',
  'add',
  'any',
  'all',
  'sort',
  'unique',
  'reverse',
  'flatten',
  'min',
  'max',
  'tojson',
  'tostring',
  'tonumber',
  'explode',
  'ascii_upcase',
  'to_entries',
  'first',
  'last',
  'floor',
  'abs',
  'transpose',
  'paths',
  'empty',
  'error',
  'recurse',
  '@json',
  '@csv',
  '@html',
  '@uri',
  '@base64',
  '@sh',
  'trim',
  'implode',
  'utf8bytelength',
  'toboolean',
  'tostream',
  'fromjson',
  'values',
  'scalars',
  'isempty(.[])',
  'from_entries',
  'gmtime',
  'todate',
  'combinations',
];
const ATOMS = [
  '.',
  '.a',
  '.b',
  '.[0]',
  '.[-1]',
  '.[1:]',
  '.[:-1]',
  '.[]',
  '.[]?',
  '..',
  'null',
  'true',
  '0',
  '1',
  '-1',
  '"a"',
  '[]',
  '{}',
  '$x',
  '.a?',
  '"x\\(.)y"',
  ...NATIVE,
];
const BINARY = ['|', ',', '//', '+', '-', '*', '/', '%', '==', '<', '>=', 'and', 'or'];
const ASSIGNMENTS = ['=', '|=', '+=', '//='];
const PATHS = [
  '.a',
  '.[0]',
  '.[]',
  '.b[1]',
  '.[1:]',
  '.a.b',
  '.[]?',
  '..',
  'first(.[])',
  'select(.)',
  'getpath(["a", "b"])',
  '.a // .b',
  'limit(1; .[])',
];

const program = fc.letrec<{ filter: string }>((tie) => {
  const filter = tie('filter');
  const templates: ((left: string, right: string) => string)[] = [
    (left) => `[${left}]`,
    (left, right) => `{a: (${left}), b: (${right})}`,
    (left, right) => `if ${left} then ${right} else . end`,
    (left, right) => `try (${left}) catch (${right})`,
    (left) => `(${left})?`,
    (left, right) => `(${left}) as $x | ${right}`,
    (left, right) => `(${left}) as [$x, {a: $y}] | [$x, $y, (${right})]`,
    (left, right) => `reduce (${left}) as $x (null; ${right})`,
    (left, right) => `[limit(5; foreach (${left}) as $x (.; ${right}))]`,
    (left) => `map(${left})`,
    (left) => `map_values(${left})`,
    (left) => `sort_by(${left})`,
    (left) => `group_by(${left})`,
    (left) => `with_entries(${left})`,
    (left) => `has(${left})`,
    (left) => `contains(${left})`,
    (left) => `indices(${left})`,
    (left) => `join(${left})`,
    (left) => `walk(${left})`,
    (left) => `[.[${left}]]`,
    (left) => `split(${left})`,
    (left) => `ltrimstr(${left})`,
    (left, right) => `[limit(3; ${left}), first(${right})]`,
    (left, right) => `def f(g): ${left} | g; f(${right})`,
    (left) => `[range(0; 3) as $x | ${left}]`,
    (left, right) => `- ${left} * ${right}`,
    (left, right) => `-(${left}) as $x | ${right}`,
  ];
  return {
    filter: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom(...ATOMS),
      fc
        .tuple(filter, fc.constantFrom(...BINARY), filter)
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      fc
        .tuple(fc.constantFrom(...templates), filter, filter)
        .map(([template, left, right]) => `(${template(left, right)})`),
      // Only real paths: jq tells equal strings apart by where they come from, which JavaScript cannot.
      fc.constantFrom(...PATHS).map((path) => `[path(${path})]`),
      fc.constantFrom(...PATHS).map((path) => `del(${path})`),
      fc
        .tuple(fc.constantFrom(...PATHS), fc.constantFrom(...ASSIGNMENTS), filter)
        .map(([path, operator, value]) => `((${path}) ${operator} (${value}))`),
    ),
  };
}).filter;

interface Case {
  readonly text: string;
  readonly input: Json;
}

const cases = fc.array(fc.record({ text: program.map((text) => `1 as $x | ${text}`), input: json }), {
  minLength: BATCH,
  maxLength: BATCH,
});

describe('our jq and jq 1.8.2', () => {
  let jq: Awaited<ReturnType<typeof loadJq>>;
  beforeAll(async () => {
    jq = await loadJq();
  });

  it(`agree on ${CASES} random programs and inputs`, async () => {
    let compared = 0;
    const property = fc.asyncProperty(cases, async (batch) => {
      // What our budget ends might take the oracle down.
      const asked = batch.flatMap((one) => {
        const ours = outcome(one);
        return ours ? [{ ...one, ours }] : [];
      });
      for (const [index, theirs] of (await oracle(asked)).entries()) {
        if (!theirs) continue;
        const { text, input, ours } = asked[index] as (typeof asked)[number];
        expect({ text, input, ...ours }).toEqual({ text, input, ...theirs });
        compared += 1;
      }
    });
    // A few more than wanted: some are not compared.
    await fc.assert(property, { numRuns: Math.ceil((CASES * 1.1) / BATCH), seed: 20_261_121 });
    expect(compared).toBeGreaterThanOrEqual(CASES);
  }, 120_000);

  /** jq compiles its own library for each call, which takes it longer than all else: so many programs travel as one. */
  async function oracle(batch: readonly Case[]): Promise<(Outcome | undefined)[]> {
    const single = ({ text }: Case, index: number) => `[.[${index}] | try (${text} | {made: .}) catch {failed: true}]`;
    try {
      const inputs = JSON.stringify(batch.map(({ input }) => input));
      const { stdout, exitCode } = jq.raw(inputs, batch.map(single).join(', '), ['-c']);
      if (exitCode === 0) return stdout.trim().split('\n').map(outcomeIn);
    } catch {
      // An abort leaves the instance unusable.
      jq = await loadJq();
    }
    // One of them does not compile, or took the oracle down.
    if (batch.length === 1) return [undefined];
    const each: (Outcome | undefined)[] = [];
    for (const one of batch) each.push(...(await oracle([one])));
    return each;
  }
});

interface Outcome {
  readonly results: Json[];
  readonly failed: boolean;
}

function outcomeIn(line: string): Outcome {
  const made = JSON.parse(line) as ({ made: Json } | { failed: true })[];
  return {
    results: made.flatMap((one) => ('made' in one ? [one.made] : [])),
    failed: made.some((one) => 'failed' in one),
  };
}

/** Results up to an error are not told by `run`: they come with a program that ends where the error would be. */
function outcome({ text, input }: Case): Outcome | undefined {
  const ended = attempt(`try (${text}) catch empty`, input);
  const whole = attempt(text, input);
  if (whole === 'limit' || ended === 'limit') return undefined;
  return { results: JSON.parse(printed(ended === 'error' ? [] : ended)) as Json[], failed: whole === 'error' };
}

const printed = (results: Json[]): string => run(compile('tojson'), results)[0] as string;

function attempt(text: string, input: Json): Json[] | 'error' | 'limit' {
  try {
    return run(compile(text), input, {}, { steps: 100_000 });
  } catch (error) {
    return (error as { kind?: string }).kind === 'limit' ? 'limit' : 'error';
  }
}
