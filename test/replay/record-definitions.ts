import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { randomUUID } from 'node:crypto';
import type { OpenedChild } from '../../contracts/child-runs.js';
import type { Definition, Extension } from '../../contracts/definition.js';
import type { TaskList } from '../../contracts/definition-tasks.js';
import type { Json } from '../../contracts/json.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import { definitionOf, startDefinition, TestInterpreter } from '../support/interpreted.js';
import { ScriptedAgents } from '../support/scripted-agents.js';
import { ENDED, EACH_EVENT } from './event-scenarios.js';

const EVERY_KIND: TaskList = [
  {
    triage: {
      call: 'classify',
      with: { text: '${ .text }' },
      timeout: { after: 'PT1M' },
      export: { as: '{ triage: . }' },
      output: { as: '$input' },
    },
  },
  {
    each: {
      for: { each: 'word', in: '.text | split(" ")' },
      while: '$index < 2',
      do: [{ note: { set: { text: '${ .text }', words: '${ (.words // []) + [$word] }' } } }],
    },
  },
  { route: { switch: [{ short: { when: '.words | length < 2', then: 'end' } }, { other: { then: 'gather' } }] } },
  {
    gather: {
      fork: {
        branches: [
          { hear: { listen: { to: { one: { with: { type: 'ready' } } } } } },
          { tell: { emit: { event: { with: { type: 'ready', data: { n: 1 } } } } } },
          { pattern: { call: 'concurrent', with: { items: '${ .words }', branch: { capability: 'echo' } } } },
        ],
      },
    },
  },
  {
    weak: {
      try: [{ ask: { call: 'agent', with: { capability: 'weak' } } }],
      catch: {
        retry: { delay: { milliseconds: 5 }, limit: { attempt: { count: 1 } } },
        do: [{ give: { set: '${ $error }' } }],
      },
    },
  },
  { late: { try: [{ nap: { wait: 'PT1H', timeout: { after: { milliseconds: 20 } } } }], catch: {} } },
  { pause: { wait: { milliseconds: 10 } } },
  { fails: { raise: { error: { type: 'https://example.com/errors/planned', status: 500, title: 'Planned' } } } },
];

const EVENTS: TaskList = [
  {
    both: {
      fork: {
        branches: [
          { hear: { listen: { to: { all: [{ with: { type: 'a' } }, { with: { type: 'b' } }] } } } },
          {
            tell: {
              do: [
                { a: { emit: { event: { with: { type: 'a' } } } } },
                { b: { emit: { event: { with: { type: 'b' } } } } },
              ],
            },
          },
        ],
      },
    },
  },
  { pause: { wait: { milliseconds: 10 } } },
  { last: { emit: { event: { with: { type: 'c', data: 1 } } } } },
];

const uri = 'https://api.example.com';
const GRPC = { proto: { endpoint: uri }, service: { name: 'shop.Pets', host: 'pets.example.com' }, method: 'Get' };
const EVERY_CALL: TaskList = [
  { web: { call: 'http', with: { method: 'post', endpoint: uri, body: { text: '${ .text }' } } } },
  { pet: { call: 'openapi', with: { document: { endpoint: uri }, operationId: 'getPet', parameters: { id: 1 } } } },
  { tool: { call: 'mcp', with: { method: 'tools/list', transport: { http: { endpoint: uri } }, timeout: 'PT5S' } } },
  { agent: { call: 'a2a', with: { method: 'tasks/get', server: uri, parameters: { id: '${ .ok }' } } } },
  {
    weak: {
      try: [{ ask: { call: 'grpc', with: GRPC } }],
      catch: {
        retry: { delay: { milliseconds: 5 }, limit: { attempt: { count: 1 } } },
        do: [{ give: { set: '${ $error }' } }],
      },
    },
  },
];

const document = { endpoint: 'https://shop.example.com/asyncapi.yaml' };
/** Messages published, and consumed from a server and from a channel of the installation. */
const MESSAGES: TaskList = [
  { tell: { call: 'asyncapi', with: { document, operation: 'tell', message: { payload: { n: '${ .n }' } } } } },
  {
    read: {
      call: 'asyncapi',
      with: {
        document,
        operation: 'read',
        subscription: { consume: { amount: 2, for: 'PT5S' }, foreach: { do: [{ s: { set: '${ $item.payload }' } }] } },
      },
    },
  },
  {
    both: {
      fork: {
        branches: [
          {
            hear: {
              call: 'asyncapi',
              with: {
                document,
                operation: 'hear',
                subscription: { filter: '.payload > 1', consume: { while: '.payload < 3', for: 'PT20S' } },
              },
            },
          },
          {
            emit: {
              do: [1, 2, 3, 4].map((data) => ({
                [`e${data}`]: { emit: { event: { with: { type: 'com.example.paid', data } } } },
              })),
            },
          },
        ],
      },
    },
  },
];

/** What servers answer, by the operation. */
const ANSWERS: Record<string, Json> = {
  tell: { payload: { n: 1 } },
  read: [{ payload: 1 }, { payload: 2 }],
  hear: { type: 'com.example.paid' },
};

const BELOW: TaskList = [
  { waited: { run: { workflow: { namespace: 'test', name: 'below', version: 'latest', input: { n: '${ .n }' } } } } },
  { alone: { run: { await: false, workflow: { namespace: 'test', name: 'below', version: '1.0.0' } } } },
  {
    fails: {
      try: [{ below: { run: { workflow: { namespace: 'test', name: 'broken', version: '1.0.0' } } } }],
      catch: { do: [{ give: { set: '${ $error.title }' } }] },
    },
  },
];

const EXTENDED: TaskList = [
  { order: { set: { n: 1 } } },
  { pay: { call: 'agent', with: { capability: 'billing' } } },
  { ship: { call: 'agent', with: { capability: 'shipping' } } },
];
const note: TaskList = [{ note: { set: { at: '${ $task.name }' }, export: { as: '$context + $output' } } }];
const EXTENSIONS: { [name: string]: Extension }[] = [
  { trace: { extend: 'all', before: note, after: [{ tell: { call: 'agent', with: { capability: 'log' } } }] } },
  { mock: { extend: 'call', when: '$task.name == "pay"', before: [{ paid: { set: { paid: true }, then: 'exit' } }] } },
];

const undone = { compensate: { capability: 'refund', input: '${ .n }' }, needs: { desk: 1 } };
const UNDONE: TaskList = [
  { pay: { call: 'agent', with: { capability: 'billing' }, metadata: { brikk: undone } } },
  { fails: { raise: { error: { type: 'https://example.com/errors/planned', status: 500, title: 'Planned' } } } },
];

/** The definition has a catalogue of the name `default` itself. */
const OWN_DEFAULT = definitionOf(
  [{ ask: { call: 'agent:1.0.0@default', with: { capability: 'echo' } } }, { pause: { wait: { milliseconds: 5 } } }],
  { use: { catalogs: { default: { endpoint: uri } } } },
);

const DEFINITIONS: { name: string; definition: Definition; input: Json }[] = [
  {
    name: 'definition-tasks',
    input: { text: 'disk full on db-3' },
    definition: definitionOf(EVERY_KIND, {
      input: { schema: { document: { type: 'object' } }, from: '.' },
      use: { functions: { classify: { call: 'agent', with: { capability: 'triage', input: '${ .text }' } } } },
    }),
  },
  { name: 'definition-children', input: { n: 1 }, definition: definitionOf(BELOW) },
  { name: 'definition-extensions', input: {}, definition: definitionOf(EXTENDED, { use: { extensions: EXTENSIONS } }) },
  { name: 'definition-undone', input: { n: 1 }, definition: definitionOf(UNDONE) },
  { name: 'definition-events', input: {}, definition: definitionOf(EVENTS) },
  // The first is of before the end in it was heeded.
  { name: 'definition-each-event', input: {}, definition: definitionOf(EACH_EVENT) },
  { name: 'definition-each-event-ends', input: {}, definition: definitionOf(EACH_EVENT) },
  // The first is of before the end in a function, and what a message does to the context, were heeded.
  { name: 'definition-ends', input: {}, definition: ENDED },
  { name: 'definition-ends-heeded', input: {}, definition: ENDED },
  // The first is of before it was heeded.
  { name: 'definition-own-default', input: {}, definition: OWN_DEFAULT },
  { name: 'definition-own-default-heeded', input: {}, definition: OWN_DEFAULT },
  { name: 'definition-calls', input: { text: 'disk full' }, definition: definitionOf(EVERY_CALL) },
  {
    name: 'definition-stdio-refused',
    input: {},
    definition: definitionOf([
      {
        weak: {
          try: [{ list: { call: 'mcp', with: { method: 'tools/list', transport: { stdio: { command: 'tools' } } } } }],
          catch: { do: [{ pause: { wait: { milliseconds: 5 } } }] },
        },
      },
    ]),
  },
  {
    name: 'definition-detached-process',
    input: {},
    definition: definitionOf([
      { start: { run: { shell: { command: 'true', arguments: ['${ .n }'] }, await: false } } },
      { pause: { wait: { milliseconds: 5 } } },
    ]),
  },
  { name: 'definition-messages', input: { n: 1 }, definition: definitionOf(MESSAGES) },
  {
    name: 'definition-loop',
    input: {},
    definition: definitionOf([
      { sum: { for: { in: '[range(300)]' }, do: [{ add: { set: { sum: '${ (.sum // 0) + $item }' } } }] } },
    ]),
  },
];

const UNAVAILABLE = { code: 'grpc.503', message: 'pets.example.com answered UNAVAILABLE', retryable: true };
const resultOf = (key: string, made: Pick<CallResult, 'output' | 'error'>): CallResult => ({
  key,
  status: made.error ? 'failed' : 'completed',
  ...made,
  queueMs: 0,
  execMs: 1,
});

const BROKEN = {
  code: 'x',
  message: 'broken',
  type: 'https://example.com/errors/broken',
  status: 500,
  title: 'Broken',
};

/** A run of one task; its record is told by `readChild`. */
const opened = (name: string, input: Value, deadlineAt = Date.now() + 60_000): OpenedChild => {
  const runId = `${randomUUID()}-${name}`;
  const definition = definitionOf([{ done: { set: { below: true } } }]);
  return {
    runId,
    workflow: `test/${name}:1.0.0`,
    priorityKey: 3,
    start: {
      orgId: 'org-1',
      runId,
      with: { definition, hash: 'f00d', interpreter: 1 },
      input,
      deadlineAt,
      priority: 'normal',
      resumed: false,
    },
  };
};

/** Writes the histories of runs that follow definitions; only of those that are named, when there are names. */
export async function recordDefinitions(folder: string, only?: readonly string[]): Promise<void> {
  const recorded = DEFINITIONS.filter(({ name }) => !only || only.includes(name));
  if (recorded.length === 0) return;
  const tested = await TestInterpreter.start({
    fetchResource: async () => ({ hash: 'f00d', document: { set: { own: true } } }),
    callHttp: async ({ key }) => resultOf(key, { output: { inline: { ok: 'yes' } } }),
    openChild: async ({ name, input, deadlineAt }) => opened(name, input, deadlineAt),
    readChild: async ({ childRunId }) =>
      childRunId.endsWith('broken')
        ? { status: 'failed', terminationReason: 'fault', output: { inline: null }, error: BROKEN }
        : { status: 'completed', terminationReason: 'done', output: { inline: { below: true } }, error: null },
    callServer: async ({ key, request }) => {
      if (request.kind === 'grpc') return resultOf(key, { error: UNAVAILABLE });
      const made = request.kind === 'asyncapi' ? ANSWERS[request.operation ?? ''] : undefined;
      return resultOf(key, { output: { inline: made ?? { ok: 'yes' } } });
    },
  });
  for (const { name, definition, input } of recorded) {
    tested.agents = new ScriptedAgents((call, data) =>
      call.target.capability === 'weak' ? { fail: 'agent.permanent' } : { output: data },
    );
    const handle = await startDefinition(tested.worker, definition, input);
    await handle.result();
    await writeFile(path.join(folder, `${name}.json`), `${historyToJSON(await handle.fetchHistory())}\n`);
  }
  await tested.stop();
}
