import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ValidateFunction } from 'ajv';
import * as fc from 'fast-check';
import type { Json } from '../../contracts/json.js';
import type { Finding } from '../../workflows/language/checker/problem.js';
import { pointerOf } from '../../workflows/language/json-pointer.js';
import { checkValue } from '../../workflows/language/checker/schema/check-value.js';
import { DEFINITION_SCHEMA } from '../../workflows/language/checker/schema/definition.schema.js';
import { mutatedDocument } from './mutate-document.js';
import { SAMPLE_TASKS, sampleDocument } from './sample-documents.js';
import { NEEDS_SCHEMA, standardSchema } from './standard-schema.js';

const folder = process.env['BRIKK_CONFORMANCE_DIR'];

/** Where we refuse on purpose what the standard's schema lets through: a name, and whose findings are meant. */
const STRICTER: { [why: string]: (finding: Finding, place: string) => boolean } = {
  'unknown keys are an error in all of a task, also where the schema is open': ({ code }, place) =>
    (code === 'unknown-field' || code === 'conflicting-fields') &&
    /\/(errors|authentications?|correlate\/[^/]+|with\/(transport|client|[^/]*)|basic|bearer|digest|oauth2|oidc|request|foreach|consume|subscription|script|server|portal)\b/.test(
      place,
    ),
  'unknown options of Brikk are an error': (_, place) => place.includes('/metadata/brikk'),
};
const shapeOf = (document: unknown) =>
  checkValue(DEFINITION_SCHEMA, document, [], { defs: DEFINITION_SCHEMA.$defs ?? {} });

(folder ? describe : describe.skip)(`the schema of definitions${folder ? '' : `: ${NEEDS_SCHEMA}`}`, () => {
  let standard: ValidateFunction;
  beforeAll(() => {
    standard = standardSchema(folder ?? '');
  });

  it.each(Object.keys(SAMPLE_TASKS))('takes %s as the standard does', (name) => {
    const document = sampleDocument([name]);
    expect({ name, standard: standard(document), errors: standard.errors }).toMatchObject({ standard: true });
    expect(shapeOf(document)).toEqual([]);
  });

  it('refuses what the standard refuses, and nothing else but what is named', () => {
    fc.assert(
      fc.property(mutatedDocument, (document: Json) => {
        const findings = shapeOf(document);
        if (!standard(document)) {
          expect({ document, findings }).not.toEqual({ document, findings: [] });
          return;
        }
        const unnamed = findings.filter(
          (finding) => !Object.values(STRICTER).some((covers) => covers(finding, pointerOf(finding.path))),
        );
        expect({ document, unnamed }).toEqual({ document, unnamed: [] });
      }),
      { numRuns: 2_000 },
    );
  });
});
