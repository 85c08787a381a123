import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Definition } from '../../contracts/definition.js';
import type { TaskList } from '../../contracts/definition-tasks.js';
import type { Json } from '../../contracts/json.js';
import { definitionOf, startDefinition, TestInterpreter } from '../support/interpreted.js';
import { ScriptedAgents } from '../support/scripted-agents.js';

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

const DEFINITIONS: { name: string; definition: Definition; input: Json }[] = [
  {
    name: 'definition-tasks',
    input: { text: 'disk full on db-3' },
    definition: definitionOf(EVERY_KIND, {
      input: { schema: { document: { type: 'object' } }, from: '.' },
      use: { functions: { classify: { call: 'agent', with: { capability: 'triage', input: '${ .text }' } } } },
    }),
  },
  { name: 'definition-events', input: {}, definition: definitionOf(EVENTS) },
  {
    name: 'definition-loop',
    input: {},
    definition: definitionOf([
      { sum: { for: { in: '[range(300)]' }, do: [{ add: { set: { sum: '${ (.sum // 0) + $item }' } } }] } },
    ]),
  },
];

/** Writes the histories of runs that follow definitions; only of those that are named, when there are names. */
export async function recordDefinitions(folder: string, only?: readonly string[]): Promise<void> {
  const recorded = DEFINITIONS.filter(({ name }) => !only || only.includes(name));
  if (recorded.length === 0) return;
  const tested = await TestInterpreter.start(true);
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
