import type { ProtocolCall } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { authenticationIn, policyOf } from '../authentication.js';
import { addressOf, callPartsOf } from '../call-parts.js';
import type { Interpretation } from '../interpretation.js';
import { makeHttpCall } from '../make-call.js';
import type { TaskPlace } from '../place.js';

/** `call: http`: any status but 2xx (and with `redirect` 3xx) is a communication error of that status. */
export async function callHttp(
  run: Interpretation,
  place: TaskPlace,
  { with: given, metadata }: Extract<ProtocolCall, { call: 'http' }>,
  input: Value,
): Promise<Value> {
  const { method, endpoint, headers = {}, query = {}, body, output = 'content', redirect = false } = given;
  const idempotencyKey = metadata?.brikk?.idempotencyKey;
  const request = {
    headers,
    query,
    ...(body !== undefined && { body }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  } as Json;
  const uri = await addressOf(run, place, endpoint, input);
  const authentication = policyOf(run, place, authenticationIn(endpoint));
  const parts = await callPartsOf(
    run,
    place,
    { request, authentication, document: undefined, named: { method } },
    input,
  );
  return makeHttpCall(run, place, { request: { kind: 'http', method, uri }, parts, output, redirect });
}

/** `call: openapi`: the operation's request, made as `call: http` makes its own. */
export async function callOpenApi(
  run: Interpretation,
  place: TaskPlace,
  { with: given, metadata }: Pick<Extract<ProtocolCall, { call: 'openapi' }>, 'with' | 'metadata'>,
  input: Value,
): Promise<Value> {
  const { document, operationId, parameters = {}, output = 'content', redirect = false } = given;
  const idempotencyKey = metadata?.brikk?.idempotencyKey;
  const uri = await addressOf(run, place, document.endpoint, input);
  const templates = {
    request: { parameters, ...(idempotencyKey !== undefined && { idempotencyKey }) } as Json,
    authentication: policyOf(run, place, given.authentication),
    document: policyOf(run, place, authenticationIn(document.endpoint)),
    named: { operationId },
  };
  const parts = await callPartsOf(run, place, templates, input);
  return makeHttpCall(run, place, {
    request: { kind: 'openapi', document: uri, operationId },
    parts,
    output,
    redirect,
  });
}
