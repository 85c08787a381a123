import type { FunctionCall } from '../../../../contracts/definition-tasks.js';
import type { FormatFunction } from '../../../../contracts/formats.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { callPartsOf } from '../call-parts.js';
import type { Interpretation } from '../interpretation.js';
import { makeFormatCall } from '../make-call.js';
import type { TaskPlace } from '../place.js';

const FORMAT_FUNCTIONS: readonly FormatFunction[] = ['format.parse', 'format.print'];

export const isFormat = (name: string): name is FormatFunction =>
  (FORMAT_FUNCTIONS as readonly string[]).includes(name);

/** A text read or written: `with` as it evaluates. */
export async function callFormat(
  run: Interpretation,
  place: TaskPlace,
  { call: name, with: given = {} }: FunctionCall & { call: FormatFunction },
  input: Value,
): Promise<Value> {
  const request = { with: given } as Json;
  const parts = await callPartsOf(run, place, { request, authentication: undefined, document: undefined }, input);
  return makeFormatCall(run, place, { request: { kind: 'format', function: name }, parts });
}
