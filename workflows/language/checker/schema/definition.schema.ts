import { AUTHENTICATION_SCHEMAS } from './authentication.schema.js';
import { EVENT_SCHEMAS } from './event.schema.js';
import { anyObject, type JsonSchema, mapOf, object, oneOfTexts, ref, text } from './json-schema.js';
import { OPTION_SCHEMAS } from './option.schema.js';
import { PART_SCHEMAS } from './part.schema.js';
import { TASK_SCHEMAS } from './task.schema.js';

const head = object(
  {
    dsl: ref('version', 'The version of the language: 1.0.0 to 1.0.3.'),
    namespace: ref('name'),
    name: ref('name'),
    version: ref('version', 'Of this definition; a version never changes.'),
    title: text(),
    summary: text('Markdown.'),
    tags: anyObject,
    metadata: ref('documentMetadata'),
  },
  ['dsl', 'namespace', 'name', 'version'],
);

const use = object({
  authentications: mapOf(ref('authentication')),
  catalogs: mapOf(ref('catalog')),
  errors: mapOf(ref('error')),
  extensions: ref('extensions'),
  functions: mapOf(ref('task')),
  retries: mapOf(ref('retry')),
  secrets: ref('texts'),
  timeouts: mapOf(ref('timeout')),
});

const starts = {
  every: ref('duration'),
  cron: text('Five fields, UTC.'),
  after: ref('duration', 'From the end of a run to the start of the next.'),
  on: ref('eventStrategy'),
};
const schedule: JsonSchema = {
  oneOf: [object(starts), object({ ...starts, read: ref('readAs') }, ['on', 'read'])],
  description: 'One of every, cron, after and on.',
};

/**
 * A workflow definition: Open Workflow Specification DSL 1.0.3 in our own words. Further keys at the top are let through
 * (the checker warns of them).
 */
export const DEFINITION_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Workflow definition',
  type: 'object',
  properties: {
    document: { ...head, description: 'What this is.' },
    input: ref('input'),
    use: { ...use, description: 'What tasks refer to by name.' },
    do: ref('taskList', 'Tasks one after another.'),
    timeout: ref('timeoutUse'),
    output: ref('output'),
    schedule,
    evaluate: object({ language: text('jq.'), mode: oneOfTexts(['strict', 'loose']) }),
  },
  required: ['document', 'do'],
  additionalProperties: true,
  $defs: {
    ...PART_SCHEMAS,
    ...AUTHENTICATION_SCHEMAS,
    ...EVENT_SCHEMAS,
    ...OPTION_SCHEMAS,
    ...TASK_SCHEMAS,
  },
};
