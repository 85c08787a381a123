import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CONNECTOR_FUNCTIONS } from '../../../contracts/connector-functions.js';
import { FORMAT_FUNCTIONS } from '../../../contracts/formats.js';
import { PATTERNS } from '../../../contracts/patterns.js';
import { RUN_EXAMPLES } from '../runs/run-examples.js';
import { FunctionsService } from './functions.service.js';

const functions = new FunctionsService();
const isValid = (schema: object, value: unknown) => new Ajv2020({ strict: false }).validate(schema, value);

describe('the catalogue of functions', () => {
  it('has every pattern, connector and format, with parameters as a client writes them', () => {
    const { items } = functions.list();
    expect(items.map(({ name }) => name)).toEqual([
      ...PATTERNS,
      ...Object.keys(CONNECTOR_FUNCTIONS),
      ...Object.keys(FORMAT_FUNCTIONS),
    ]);
    for (const { name, with: schema, example } of items) {
      const { with: parameters } = example as { with: object };
      expect({ name, valid: isValid(schema, parameters) }).toEqual({ name, valid: true });
      expect({ name, valid: isValid(schema, { ...parameters, unheardOf: 1 }) }).toEqual({ name, valid: false });
    }
  });

  it('gives schemas that stand by themselves, nested patterns included', () => {
    const { with: schema } = functions.get('sequential');
    const nested = { steps: [{ name: 'a', ...(RUN_EXAMPLES.market as object), input: 1 }] };
    expect(isValid(schema, nested)).toBe(true);
    expect(isValid(schema, { steps: [{ name: 'a', pattern: 'market', with: { bidDeadline: 'PT2S' } }] })).toBe(false);
  });

  it('describes what a blackboard ends with', () => {
    const { output } = functions.get('blackboard');
    const empty = { board: {}, entries: [], activations: [], conflicts: [], credit: {}, unmetGoal: null };
    expect(isValid(output, empty)).toBe(true);
    expect(isValid(output, { ...empty, entries: {} })).toBe(false);
  });

  it('says which functions there are when one is not', () => {
    expect(() => functions.get('conccurent')).toThrow(
      expect.objectContaining({
        code: 'function.not_found',
        violations: [
          expect.objectContaining({ didYouMean: 'concurrent', allowed: expect.arrayContaining([...PATTERNS]) }),
        ],
      }),
    );
  });
});
