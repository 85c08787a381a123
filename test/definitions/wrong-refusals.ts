import { tasks, type WrongDocument } from './wrong-document.js';

/** What the standard allows, and no run here could do. */
export const WRONG_REFUSALS: WrongDocument[] = [
  {
    what: 'an option of a transport',
    text: tasks(
      "- a: { call: mcp, with: { method: tools/list, transport: { http: { endpoint: 'https://a.example' }, options: { proxy: x } } } }",
    ),
    says: [
      '3:112 not-allowed /do/0/a/with/transport/options/proxy: no option of a transport is known: headers, environment, timeout say what can be said',
    ],
  },
  {
    what: 'a grant that needs a person',
    text: tasks(
      "- a: { call: http, with: { method: get, endpoint: { uri: 'https://a.example', authentication: { oidc: { authority: 'https://b.example', grant: authorization_code } } } } }",
    ),
    says: [
      '3:144 not-allowed /do/0/a/with/endpoint/authentication/oidc/grant: authorization_code needs a person to agree: use a connection, or another grant',
    ],
  },
  {
    what: 'a schema that is no JSON Schema',
    text: tasks('- a: { wait: PT1S, input: { schema: { format: avro, document: {} } } }'),
    says: ['3:47 not-allowed /do/0/a/input/schema/format: only JSON Schemas are checked (json)'],
  },
  {
    what: 'a schema of events that is none',
    text: tasks(
      '- a: { listen: { to: { any: [] } }, foreach: { export: { schema: { document: { type: number-ish } } } } }',
    ),
    says: [
      '3:86 invalid-schema /do/0/a/foreach/export/schema/document/type: is no usable JSON Schema: must be one of array, boolean, integer, null, number, object, string',
    ],
  },
];
