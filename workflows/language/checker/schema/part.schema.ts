import { anyObject, flag, type JsonSchema, listOf, mapOf, object, oneOfTexts, ref, text } from './json-schema.js';

/** Stands alone: `${ … }`, over several lines as well. */
const EXPRESSION = String.raw`\s*\$\{[\s\S]+\}\s*`;
/** ISO 8601. */
const DURATION = String.raw`P(?!$)(\d+(?:\.\d+)?Y)?(\d+(?:\.\d+)?M)?(\d+(?:\.\d+)?W)?(\d+(?:\.\d+)?D)?(T(?=\d)(\d+(?:\.\d+)?H)?(\d+(?:\.\d+)?M)?(\d+(?:\.\d+)?S)?)?`;
/** RFC 6570. */
const TEMPLATE = String.raw`(?:[^\x00-\x20"<>\\^\x60{|}%]|%[0-9A-Fa-f]{2}|\{[+#.\/;?&=,!@|]?(?:\w|\.|%[0-9A-Fa-f]{2})+(?::[1-9]\d{0,3}|\*)?(?:,(?:\w|\.|%[0-9A-Fa-f]{2})+(?::[1-9]\d{0,3}|\*)?)*\})`;
const URI = String.raw`(?!\$\{)${TEMPLATE}+`;
/** RFC 3339. */
const TIME = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)`;
/** RFC 6901. */
const POINTER = String.raw`(?:\/(?:[^~/]|~0|~1)*)*`;

const shaped = (errorMessage: string, ...patterns: string[]): JsonSchema => ({
  type: 'string',
  pattern: `^(?:${patterns.join('|')})$`,
  errorMessage,
});

const integer: JsonSchema = { type: 'integer' };
const filter: JsonSchema = { oneOf: [text('jq, with or without ${ }.'), anyObject] };
const openFilter = (what: string) => object({ schema: ref('schema'), [what]: filter });

/** What tasks and document have in common. */
export const PART_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  expression: shaped('must be an expression in ${ }', EXPRESSION),
  uri: shaped('must be a URI, or a URI template such as https://example.com/{id}', URI),
  uriPart: shaped('must be a part of a URI, such as /oauth2/token', `${TEMPLATE}*`),
  uriOrExpression: shaped('must be a URI, a URI template, or an expression in ${ }', EXPRESSION, URI),
  timeOrExpression: shaped('must be a time such as 2026-11-21T16:30:00Z, or an expression in ${ }', EXPRESSION, TIME),
  pointerOrExpression: shaped(
    'must be a JSON pointer such as /do/0/order, or an expression in ${ }',
    EXPRESSION,
    POINTER,
  ),
  version: shaped(
    'must be a semantic version such as 1.4.0; write it in quotes',
    String.raw`(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?`,
  ),
  name: shaped(
    'must be 1 to 63 of a-z A-Z 0-9 and -, with no - at its ends',
    String.raw`[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?`,
  ),
  duration: {
    oneOf: [
      object({ days: integer, hours: integer, minutes: integer, seconds: integer, milliseconds: integer }, [], {
        minProperties: 1,
      }),
      shaped('must be a duration such as PT30S or {seconds: 30}, or an expression in ${ }', EXPRESSION, DURATION),
    ],
  },
  timeout: object({ after: ref('duration', 'How long the task or run may take.') }, ['after']),
  timeoutUse: { oneOf: [ref('timeout'), text('The name of a timeout in use.timeouts.')] },
  schema: {
    oneOf: [
      object({ format: text('Default json.'), document: { description: 'JSON Schema (2020-12) in place.' } }, [
        'document',
      ]),
      object({ format: text('Default json.'), resource: ref('resource') }, ['resource']),
    ],
  },
  input: openFilter('from'),
  output: openFilter('as'),
  export: openFilter('as'),
  resource: object({ name: text(), endpoint: ref('endpoint') }, ['endpoint']),
  endpoint: {
    oneOf: [
      ref('uriOrExpression'),
      object({ uri: ref('uriOrExpression'), authentication: ref('authenticationUse') }, ['uri']),
    ],
  },
  catalog: object({ endpoint: ref('endpoint', 'Where the catalogue is.') }, ['endpoint']),
  error: object(
    {
      type: ref('uriOrExpression', 'A URI that names the kind of error.'),
      status: { type: 'integer', description: 'An HTTP status.' },
      instance: ref('pointerOrExpression'),
      title: text(),
      detail: text(),
    },
    ['type', 'status'],
  ),
  errorFilter: object({ type: text(), status: integer, instance: text(), title: text(), detail: text() }, [], {
    minProperties: 1,
    description: 'Every field given must be equal.',
  }),
  retry: object({
    when: text('jq over the error; false: no retry.'),
    exceptWhen: text('jq over the error; true: no retry.'),
    delay: ref('duration', 'Before the first retry.'),
    backoff: {
      oneOf: ['constant', 'exponential', 'linear'].map((kind) => object({ [kind]: anyObject }, [kind])),
      description: 'How the delay grows.',
    },
    limit: object({
      attempt: object({ count: integer, duration: ref('duration') }),
      duration: ref('duration', 'For all attempts together.'),
    }),
    jitter: object({ from: ref('duration'), to: ref('duration') }, ['from', 'to']),
  }),
  flowDirective: text('continue, exit (leaves the list), end (ends the run), or a task of the same list.'),
  environment: mapOf({}),
  lifetime: {
    oneOf: [
      object({ cleanup: oneOfTexts(['always', 'never']) }, ['cleanup']),
      object({ cleanup: { const: 'eventually' }, after: ref('duration') }, ['cleanup', 'after']),
    ],
  },
  texts: listOf(text()),
  await: flag('Whether the task waits for its end; if not, its output is its input.', true),
};
