import { anyObject, flag, type JsonSchema, mapOf, object, oneOfTexts, ref, text } from './json-schema.js';

const httpOutput = oneOfTexts(['raw', 'content', 'response'], 'What the output is, default content.');
const redirect = flag('Whether 3xx is no error.');
const values: JsonSchema = { oneOf: [mapOf(text()), ref('expression')] };
const parameters: JsonSchema = { oneOf: [anyObject, text()] };

const http = object(
  {
    method: text('get, post, put, patch, delete, …'),
    endpoint: ref('endpoint'),
    headers: values,
    body: {},
    query: values,
    output: httpOutput,
    redirect,
  },
  ['method', 'endpoint'],
);

const openapi = object(
  {
    document: ref('resource', 'The OpenAPI document.'),
    operationId: text(),
    parameters: anyObject,
    authentication: ref('authenticationUse'),
    output: httpOutput,
    redirect,
  },
  ['document', 'operationId'],
);

const grpc = object(
  {
    proto: ref('resource', 'The proto file.'),
    service: object(
      {
        name: text(),
        host: text(undefined, {
          pattern: '^[a-zA-Z0-9](?:[a-zA-Z0-9-.]{0,61}[a-zA-Z0-9])?$',
          errorMessage: 'must be a host name',
        }),
        port: { type: 'integer', minimum: 0, maximum: 65_535 },
        authentication: ref('authenticationUse'),
      },
      ['name', 'host'],
    ),
    method: text(),
    arguments: anyObject,
  },
  ['proto', 'service', 'method'],
);

const PROTOCOLS =
  'amqp amqp1 anypointmq googlepubsub http ibmmq jms kafka mercure mqtt mqtt5 nats pulsar redis sns solace sqs stomp ws';
const anyAsyncApi = {
  document: ref('resource', 'The AsyncAPI document.'),
  server: object({ name: text(), variables: anyObject }, ['name']),
  protocol: oneOfTexts(PROTOCOLS.split(' ')),
  authentication: ref('authenticationUse'),
};
const message = object({ payload: anyObject, headers: anyObject });
const consumption = (kind: string, schema: JsonSchema) => object({ for: ref('duration'), [kind]: schema }, [kind]);
const subscription = object(
  {
    filter: ref('expression'),
    consume: {
      oneOf: [
        consumption('amount', { type: 'integer' }),
        consumption('while', ref('expression')),
        consumption('until', ref('expression')),
      ],
    },
    foreach: ref('iterator'),
  },
  ['consume'],
);
const asyncapi: JsonSchema = {
  oneOf: ['operation', 'channel'].flatMap((place) => [
    object({ ...anyAsyncApi, [place]: text(), message }, ['document', place, 'message']),
    object({ ...anyAsyncApi, [place]: text(), subscription }, ['document', place, 'subscription']),
  ]),
};

const A2A_METHODS =
  'message/send message/stream tasks/get tasks/list tasks/cancel tasks/resubscribe tasks/pushNotificationConfig/set tasks/pushNotificationConfig/get tasks/pushNotificationConfig/list tasks/pushNotificationConfig/delete agent/getAuthenticatedExtendedCard';
const a2a = object(
  {
    agentCard: ref('resource', 'The card of the agent; or server.'),
    server: ref('endpoint'),
    method: oneOfTexts(A2A_METHODS.split(' ')),
    parameters: { oneOf: [{ type: 'object', minProperties: 1 }, text()] },
  },
  ['method'],
);

const options = mapOf(text());
const mcp = object(
  {
    protocolVersion: text(),
    method: oneOfTexts(
      'tools/list tools/call prompts/list prompts/get resources/list resources/read resources/templates/list'.split(
        ' ',
      ),
    ),
    parameters,
    timeout: ref('duration'),
    transport: {
      oneOf: [
        object({ http: object({ endpoint: ref('endpoint'), headers: mapOf(text()) }, ['endpoint']), options }, [
          'http',
        ]),
        object(
          {
            stdio: object({ command: text(), arguments: ref('texts'), environment: mapOf(text()) }, ['command']),
            options,
          },
          ['stdio'],
        ),
      ],
    },
    client: object({ name: text(), version: text() }, ['name', 'version']),
  },
  ['method', 'transport'],
);

/** The arguments of each protocol that `call` names. */
export const CALL_SCHEMAS: { readonly [protocol: string]: JsonSchema } = { http, openapi, grpc, asyncapi, a2a, mcp };
