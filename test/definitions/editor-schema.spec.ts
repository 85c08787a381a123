import { describe, expect, it } from '@jest/globals';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { RUN_EXAMPLES } from '../../apps/api/runs/run-examples.js';
import { allParameters, functionCatalogue } from '../../contracts/function-schemas.js';
import type { Json } from '../../contracts/json.js';
import { checkDefinition } from '../../workflows/language/checker/check-definition.js';
import { editorSchema } from '../../workflows/language/checker/editor-schema.js';
import { checkValue } from '../../workflows/language/checker/schema/check-value.js';
import { DEFINITION_SCHEMA } from '../../workflows/language/checker/schema/definition.schema.js';
import { mutatedDocument } from './mutate-document.js';

const document = { dsl: '1.0.3', namespace: 'test', name: 'flow', version: '1.0.0' };
const calling = (call: string, parameters: unknown) => ({ document, do: [{ a: { call, with: parameters } }] });
const functions = functionCatalogue();

describe('the schema for editors', () => {
  const schema = editorSchema(allParameters());
  const isValid: ValidateFunction = new Ajv2020({ strict: false }).compile(schema);

  it.each(Object.keys(RUN_EXAMPLES))('takes the example %s, as the checker does', (example) => {
    const { pattern: name, with: parameters } = RUN_EXAMPLES[example] as { pattern?: string; with?: object };
    if (name === undefined) return;
    for (const call of [name, `${name}:1.0.0@default`]) {
      expect({ call, valid: isValid(calling(call, parameters)), errors: isValid.errors }).toMatchObject({
        valid: true,
      });
      expect(checkDefinition(calling(call, parameters), { functions })).toMatchObject({ valid: true, errors: [] });
      expect(isValid(calling(call, { ...parameters, unheardOf: 1 }))).toBe(false);
      expect(checkDefinition(calling(call, { ...parameters, unheardOf: 1 }), { functions }).valid).toBe(false);
    }
  });

  it('lets any parameter be an expression', () => {
    const parameters = { task: { capability: '${ .what }' }, minBids: '${ .n }', sealed: '${ false }' };
    expect(isValid(calling('market', parameters))).toBe(true);
    expect(checkDefinition(calling('market', parameters), { functions }).errors).toEqual([]);
  });

  it('is the shape that the checker reads, where no function of the catalogue is called', () => {
    fc.assert(
      fc.property(mutatedDocument, (value: Json) => {
        const findings = checkValue(DEFINITION_SCHEMA, value, [], { defs: DEFINITION_SCHEMA.$defs ?? {} });
        expect({ value, valid: isValid(value) }).toEqual({ value, valid: findings.length === 0 });
      }),
      { numRuns: 500 },
    );
  });
});
