import { patched } from '@temporalio/workflow';
import type { A2aArguments, GrpcArguments, McpArguments } from '../../../../contracts/definition-calls.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { authenticationIn, policyOf } from '../authentication.js';
import { addressOf, callPartsOf } from '../call-parts.js';
import { readDuration } from '../expressions.js';
import { fault } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import { makeServerCall } from '../make-call.js';
import type { TaskPlace } from '../place.js';

/** `call: mcp`: the method's result; a failure is a runtime error, also that of a tool. */
export async function callMcp(
  run: Interpretation,
  place: TaskPlace,
  { with: given }: { with: McpArguments },
  input: Value,
): Promise<Value> {
  const { method, parameters = {}, transport, timeout, protocolVersion, client } = given;
  const { http, stdio } = transport;
  if (!http && !patched('2026-11-mcp-stdio')) {
    const detail = 'transport.stdio would start a process, which no setting allows: use transport.http';
    throw fault('configuration', place.pointer, { detail });
  }
  const uri = http && (await addressOf(run, place, http.endpoint, input));
  const authentication = http && policyOf(run, place, authenticationIn(http.endpoint));
  const request = (http ? { headers: http.headers ?? {}, parameters } : { ...stdio, parameters }) as Json;
  const named = { protocolVersion, client: client && { ...client } };
  const timeoutMs =
    timeout === undefined ? undefined : await readDuration(place, timeout, input, bodyVariables(run, place));
  return makeServerCall(run, place, {
    request: {
      kind: 'mcp',
      ...(uri !== undefined && { uri }),
      method,
      ...(protocolVersion !== undefined && { protocolVersion }),
      ...(client && { client: { name: client.name, version: client.version } }),
    },
    parts: await callPartsOf(run, place, { request, authentication, document: undefined, named }, input),
    ...(timeoutMs !== undefined && { timeoutMs: Math.max(1, timeoutMs) }),
  });
}

/**
 * `call: a2a`: the method's result, of streams the list of results; a failure is a runtime error. Beside an `agentCard`
 * the `server` is ignored, with its authentication: the card says where the agent is.
 */
export async function callA2a(
  run: Interpretation,
  place: TaskPlace,
  { with: given }: { with: A2aArguments },
  input: Value,
): Promise<Value> {
  const { agentCard, server, method, parameters = {} } = given;
  if (agentCard === undefined && server === undefined)
    throw fault('configuration', place.pointer, { detail: 'needs agentCard or server' });
  const card = agentCard && (await addressOf(run, place, agentCard.endpoint, input));
  const uri = server === undefined ? undefined : await addressOf(run, place, server, input);
  const ofCard = agentCard && policyOf(run, place, authenticationIn(agentCard.endpoint));
  const ofServer = server === undefined ? undefined : policyOf(run, place, authenticationIn(server));
  const templates = {
    request: { parameters } as Json,
    authentication: agentCard ? ofCard : ofServer,
    document: ofCard,
  };
  return makeServerCall(run, place, {
    request: { kind: 'a2a', method, ...(card === undefined ? { uri } : { card }) },
    parts: await callPartsOf(run, place, templates, input),
  });
}

/** `call: grpc`: the reply of a unary method; a status other than OK is a communication error. */
export async function callGrpc(
  run: Interpretation,
  place: TaskPlace,
  { with: given }: { with: GrpcArguments },
  input: Value,
): Promise<Value> {
  const { proto, service, method, arguments: sent = {} } = given;
  const uri = await addressOf(run, place, proto.endpoint, input);
  const templates = {
    request: { arguments: sent } as Json,
    authentication: policyOf(run, place, service.authentication),
    document: policyOf(run, place, authenticationIn(proto.endpoint)),
    named: { service: service.name, method },
  };
  const { name, host, port } = service;
  return makeServerCall(run, place, {
    request: { kind: 'grpc', proto: uri, service: name, host, ...(port !== undefined && { port }), method },
    parts: await callPartsOf(run, place, templates, input),
  });
}
