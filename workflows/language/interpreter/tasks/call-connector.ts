import type { FunctionCall } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { callPartsOf } from '../call-parts.js';
import type { Interpretation } from '../interpretation.js';
import { makeConnectorCall } from '../make-call.js';
import type { TaskPlace } from '../place.js';

/** Connectors have a dot in their names, patterns have none. */
export const isConnector = (name: string): boolean => name.includes('.');

/** An effect outside: `with` as it evaluates, also where it reads secrets. */
export async function callConnector(
  run: Interpretation,
  place: TaskPlace,
  { call: name, with: given = {}, metadata }: FunctionCall,
  input: Value,
): Promise<Value> {
  const idempotencyKey = metadata?.brikk?.idempotencyKey;
  const request = { with: given, ...(idempotencyKey !== undefined && { idempotencyKey }) } as Json;
  const parts = await callPartsOf(run, place, { request, authentication: undefined, document: undefined }, input);
  return makeConnectorCall(run, place, { request: { kind: 'connector', function: name }, parts });
}
