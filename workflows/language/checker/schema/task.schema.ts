import { CALL_SCHEMAS } from './call.schema.js';
import { anyObject, flag, type JsonSchema, listOf, mapOf, object, oneOfTexts, ref, text } from './json-schema.js';

const base = {
  if: text('jq, with or without ${ }; false: the task is skipped.'),
  input: ref('input'),
  output: ref('output'),
  export: ref('export', 'What becomes $context.'),
  timeout: ref('timeoutUse'),
  then: ref('flowDirective'),
  metadata: ref('taskMetadata'),
};
const task = (own: { readonly [name: string]: JsonSchema }, required: readonly string[], description: string) =>
  object({ ...own, ...base }, required, { description });

const process = (kind: string, schema: JsonSchema) =>
  object({ [kind]: schema, await: ref('await'), return: oneOfTexts(['stdout', 'stderr', 'code', 'all', 'none']) }, [
    kind,
  ]);
const started = { stdin: text(), arguments: ref('texts'), environment: ref('environment') };
const RUN_SCHEMAS = [
  process(
    'workflow',
    object({ namespace: text(), name: text(), version: text(), input: anyObject }, ['namespace', 'name', 'version']),
  ),
  process(
    'container',
    object(
      {
        ...started,
        image: text(),
        name: text(),
        command: text(),
        ports: anyObject,
        volumes: anyObject,
        lifetime: ref('lifetime'),
        pullPolicy: oneOfTexts(['ifNotPresent', 'always', 'never']),
      },
      ['image'],
    ),
  ),
  process('script', {
    oneOf: [
      object({ ...started, language: text(), code: text() }, ['language', 'code']),
      object({ ...started, language: text(), source: ref('resource') }, ['language', 'source']),
    ],
  }),
  process('shell', object({ ...started, command: text() }, ['command'])),
];

const switchCase = object({ when: text('jq; absent: the default.'), then: ref('flowDirective') }, ['then']);
const caught = object({
  errors: object({ with: ref('errorFilter') }),
  as: text('Name of the variable that holds the error, default error.'),
  when: text('jq; false: not caught.'),
  exceptWhen: text('jq; true: not caught.'),
  retry: { oneOf: [ref('retry'), text('The name of a policy in use.retries.')] },
  do: ref('taskList'),
  then: ref('flowDirective'),
});

/** Items of lists: each an object of one name. */
const named = (schema: JsonSchema, what: string): JsonSchema =>
  mapOf(schema, {
    minProperties: 1,
    maxProperties: 1,
    errorMessage: `an item of this list is an object of one name: - nameOf${what}: {…}`,
  });

const KINDS: readonly JsonSchema[] = [
  ...Object.entries(CALL_SCHEMAS).map(([protocol, schema]) =>
    task({ call: { const: protocol }, with: schema }, ['call', 'with'], `Calls ${protocol}.`),
  ),
  task(
    {
      call: text('A function: of use.functions, of the catalogue, name:version@catalog, or a URL.', {
        not: { enum: Object.keys(CALL_SCHEMAS) },
      }),
      with: anyObject,
    },
    ['call'],
    'Calls a function.',
  ),
  task({ do: ref('taskList') }, ['do'], 'Tasks one after another.'),
  task(
    {
      fork: object({ branches: ref('taskList'), compete: flag('The first to end wins.', false) }, ['branches']),
    },
    ['fork'],
    'Branches side by side.',
  ),
  task(
    { emit: object({ event: { type: 'object', properties: { with: ref('eventToSend') } } }, ['event']) },
    ['emit'],
    'Sends an event.',
  ),
  task(
    {
      for: object(
        {
          each: text('Name of the variable that holds the item, default item.'),
          in: { oneOf: [text('jq that gives a list.'), listOf(anyObject)] },
          at: text('Name of the variable that holds the index, default index.'),
        },
        ['in'],
      ),
      while: text('jq, asked before each round.'),
      do: ref('taskList'),
    },
    ['for', 'do'],
    'Rounds one after another.',
  ),
  task(
    {
      listen: object({ to: ref('eventStrategy'), read: ref('readAs') }, ['to']),
      foreach: ref('iterator'),
    },
    ['listen'],
    'Waits for events.',
  ),
  task(
    { raise: object({ error: { oneOf: [ref('error'), text('The name of an error in use.errors.')] } }, ['error']) },
    ['raise'],
    'Ends with an error.',
  ),
  task({ run: { oneOf: RUN_SCHEMAS } }, ['run'], 'Runs a workflow, container, script or shell.'),
  task(
    { set: { oneOf: [{ type: 'object', minProperties: 1 }, text()], description: 'Replaces the data.' } },
    ['set'],
    'Sets the data.',
  ),
  task(
    { switch: listOf(named(switchCase, 'Case'), { minItems: 1 }) },
    ['switch'],
    'Goes on where the first case holds.',
  ),
  task({ try: ref('taskList'), catch: caught }, ['try', 'catch'], 'Tries tasks, and says what becomes of errors.'),
  task({ wait: ref('duration') }, ['wait'], 'Waits.'),
];

export const TASK_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  taskList: listOf(named(ref('task'), 'Task')),
  task: { oneOf: KINDS },
  extensions: listOf(
    named(
      object(
        {
          extend: oneOfTexts(
            'call composite emit for listen raise run set switch try wait all'.split(' '),
            'Tasks of this kind.',
          ),
          when: text('jq; false: not for this task.'),
          before: ref('taskList'),
          after: ref('taskList'),
        },
        ['extend'],
      ),
      'Extension',
    ),
  ),
};
