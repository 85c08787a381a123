import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { ExternalResource, ValueSchema } from '../../../contracts/definition-parts.js';
import type { Json, SchemaDocument } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/values.js';
import { NULL } from '../../lib/values.js';
import { addressOf } from './call-parts.js';
import { fault } from './fault.js';
import type { Interpretation } from './interpretation.js';
import type { Place, TaskPlace } from './place.js';
import { resourceOf } from './resources.js';

/** Fails with a validation error when the value breaks the schema. */
export async function checkSchema(
  run: Interpretation,
  place: Place,
  schema: ValueSchema | undefined,
  value: Value,
  what: string,
): Promise<void> {
  if (schema === undefined) return;
  const { format = 'json', resource } = schema;
  if (!/^json(:|$)/.test(format))
    throw fault('configuration', place.pointer, { detail: `${what}: only JSON Schemas are checked` });
  const document = resource ? await fetched(run, place, resource) : schema.document;
  const errors = await refusals(place, document as SchemaDocument, value);
  if (errors.length > 0) throw fault('validation', place.pointer, { detail: `${what}: ${errors.join('; ')}` });
}

async function fetched(run: Interpretation, place: Place, { endpoint }: ExternalResource): Promise<Json> {
  const here: TaskPlace = { name: '', path: place.pointer, own: {}, ...place };
  const uri = await addressOf(run, here, endpoint, NULL);
  return (await resourceOf(run, here, 'schema', { uri, endpoint })).document;
}

async function refusals(place: Place, schema: SchemaDocument, value: Value): Promise<string[]> {
  try {
    return await place.ctx.validate(value, schema);
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : error;
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'request.invalid') throw error;
    throw fault('configuration', place.pointer, { detail: cause.message });
  }
}
