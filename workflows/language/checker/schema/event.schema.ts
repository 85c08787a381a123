import { type JsonSchema, listOf, mapOf, object, oneOfTexts, ref, text } from './json-schema.js';

const properties = {
  id: text(),
  source: ref('uriOrExpression'),
  type: text(),
  time: ref('timeOrExpression'),
  subject: text(),
  datacontenttype: text(),
  dataschema: ref('uriOrExpression'),
  data: {},
};
const correlation = object(
  {
    from: text('jq over the event.'),
    expect: text('A constant, or an expression in ${ }; absent: the first value counts.'),
  },
  ['from'],
);

export const EVENT_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  eventToSend: {
    type: 'object',
    properties,
    required: ['type'],
    additionalProperties: true,
    description: 'Attributes of a CloudEvent; id, source and time are filled in.',
  },
  eventFilter: object(
    {
      with: {
        type: 'object',
        properties,
        additionalProperties: true,
        minProperties: 1,
        description: 'Each attribute given must be equal, match as a regular expression, or be what ${ } gives.',
      },
      correlate: mapOf(correlation),
    },
    ['with'],
  ),
  eventStrategy: {
    oneOf: [
      object({ one: ref('eventFilter') }, ['one']),
      object({ all: listOf(ref('eventFilter')) }, ['all']),
      object(
        {
          any: listOf(ref('eventFilter'), { description: 'An empty list: every event.' }),
          until: { oneOf: [text('jq; true ends the wait.'), ref('eventsUntil')] },
        },
        ['any'],
      ),
    ],
  },
  eventsUntil: {
    oneOf: [
      object({ one: ref('eventFilter') }, ['one']),
      object({ all: listOf(ref('eventFilter')) }, ['all']),
      object({ any: listOf(ref('eventFilter')) }, ['any']),
    ],
  },
  iterator: object({
    item: text('Name of the variable that holds the event, default item.'),
    at: text('Name of the variable that holds its index, default index.'),
    do: ref('taskList'),
    output: ref('output'),
    export: ref('export'),
  }),
  readAs: oneOfTexts(['data', 'envelope', 'raw'], 'What is read of an event, default data.'),
};
