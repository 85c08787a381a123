import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ValidateFunction } from 'ajv';
import * as fc from 'fast-check';
import { parse, stringify } from 'yaml';
import type { Json } from '../../contracts/json.js';
import { functionCatalogue } from '../../contracts/function-schemas.js';
import { checkDefinition, type CheckedDefinition } from '../../workflows/language/checker/check-definition.js';
import { formatProblem } from '../../workflows/language/checker/problem.js';
import { readScenarios } from '../conformance/ctk-scenarios.js';
import { mutated } from './mutate-document.js';
import { NEEDS_SCHEMA, standardSchema } from './standard-schema.js';

const folder = process.env['BRIKK_CONFORMANCE_DIR'];
const functions = functionCatalogue();
const MUTATIONS = 6_000;
/** Of the texts, which take longer to read. */
const TEXTS = 1_000;

/** The definitions that our pages show. */
const documented = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) => [...readFileSync(join('docs', name), 'utf8').matchAll(/```ya?ml\n(document:(?:(?!```)[^])*)```/g)])
  .map(([, text = '']) => parse(text) as Json);
/** Those of the conformance kit. */
const scenarios = folder
  ? readScenarios(join(folder, 'ows/ctk')).flatMap(({ steps }) =>
      steps.flatMap(({ text, document }) => (/definition/.test(text) ? [document as Json] : [])),
    )
  : [];
// fast-check prints the seed of a failure, with which `fc.assert(…, { seed, path })` finds it again.
const anyOf = fc.constantFrom(...documented, ...scenarios);

/** One check, which never fails, and contradicts itself nowhere. */
function checked(given: string | object): CheckedDefinition {
  const told = checkDefinition(given, { functions });
  const { valid, errors, warnings, definition } = told;
  const lines = [...errors, ...warnings].map((problem) => formatProblem('f', problem));
  const isWhole = valid === (errors.length === 0) && (definition !== undefined) === valid;
  if (!isWhole || !lines.every((line) => /^f(?::\d+:\d+)? [a-z-]+.*: ./.test(line))) throw new Error(lines.join('\n'));
  return told;
}

describe('definitions of pages and of the conformance kit, a few of their parts changed', () => {
  it('are many', () => {
    expect(documented.length).toBeGreaterThanOrEqual(35);
    if (folder) expect(scenarios).toHaveLength(21);
  });

  it(`are checked without a failure of the checker, ${TEXTS} texts with places`, () => {
    fc.assert(
      fc.property(mutated(anyOf, 5), (document) => {
        const { errors } = checked(stringify(document, { aliasDuplicateObjects: false }));
        const lost = errors.filter(({ line, column }) => line === undefined || column === undefined);
        expect(lost).toEqual([]);
      }),
      { numRuns: TEXTS },
    );
  });
});

(folder ? describe : describe.skip)(`beside the standard${folder ? '' : `: ${NEEDS_SCHEMA}`}`, () => {
  let standard: ValidateFunction;
  beforeAll(() => {
    standard = standardSchema(folder ?? '');
  });

  it(`${MUTATIONS} of them: what the standard refuses is refused`, () => {
    const counts = { valid: 0, refused: 0 };
    fc.assert(
      fc.property(mutated(anyOf, 5), (document) => {
        const { valid: ours } = checked(document as object);
        counts[ours ? 'valid' : 'refused'] += 1;
        if (ours && !standard(document)) throw new Error(`valid here, not there: ${JSON.stringify(standard.errors)}`);
      }),
      { numRuns: MUTATIONS },
    );
    // Both kinds, or the comparison would say nothing.
    expect(Math.min(counts.valid, counts.refused)).toBeGreaterThan(MUTATIONS / 20);
  });
});
