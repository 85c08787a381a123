import { anyObject, type JsonSchema, mapOf, object, oneOfTexts, ref, text } from './json-schema.js';

const amount: JsonSchema = { type: 'number', exclusiveMinimum: 0 };
const count: JsonSchema = { type: 'integer', minimum: 1 };

const needs = mapOf(
  { type: 'integer', minimum: 1, maximum: 1_000_000_000 },
  {
    propertyNames: text(undefined, {
      pattern: '^[A-Za-z0-9._-]{1,128}$',
      errorMessage: 'must be the name of a resource: 1 to 128 characters of A-Z a-z 0-9 . _ -',
    }),
    maxProperties: 8,
    errorMessage: 'at most 8 resources, each with its units, such as { gpu: 1 }',
    description: 'Units of resources that calls of agents lease.',
  },
);

const metadataWith = (options: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { brikk: options },
  additionalProperties: true,
});

/** What Brikk reads of `metadata`; the rest of it is free. */
export const OPTION_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  documentMetadata: metadataWith(
    object({
      priority: oneOfTexts(['critical', 'high', 'normal', 'low', 'background']),
      budget: object(
        {
          tokens: count,
          costUsd: amount,
          calls: count,
          wallClock: ref('duration'),
          rounds: count,
          agents: count,
          depth: count,
          onExceeded: oneOfTexts(['stop', 'degrade']),
        },
        [],
        { minProperties: 1, description: 'What a run may use.' },
      ),
      deadline: ref('duration', 'Until a run ends timed_out.'),
      retention: ref('duration', 'From the end of a run until it is deleted.'),
      maxInFlight: { type: 'integer', minimum: 1, maximum: 1_000, description: 'Calls of agents under way at once.' },
      needs,
    }),
  ),
  taskMetadata: metadataWith(
    object({
      idempotencyKey: text('A template; travels with the call.'),
      ui: { description: 'For editors alone.' },
      output: { type: 'string', const: 'result', description: 'The output is the whole result.' },
      heartbeat: ref('duration', 'How long a worker may be silent before another makes its calls.'),
      needs,
      compensate: { ...anyObject, description: 'Parameters of agent: undoes the task when the run fails later.' },
    }),
  ),
};
