import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Task } from '../contracts/definition-tasks.js';
import { functionCatalogue } from '../contracts/function-schemas.js';
import { reference } from '../test/definitions/reference-flow.js';
import { checkDefinition } from '../workflows/language/checker/check-definition.js';
import { TASK_KINDS } from '../workflows/language/task-kind.js';
import { flow } from './flow.js';

const { call, jq, tasks, wait } = flow;
const functions = functionCatalogue();

/** Each kind as it is built, and as YAML says it. */
const KINDS: [kind: string, built: Task, yaml: string][] = [
  [
    'call http',
    call(
      'http',
      { method: 'get', endpoint: { uri: 'https://a.example/{id}' }, query: { q: jq('.q') }, output: 'response' },
      { if: '.ok', input: { from: '.order' }, timeout: { after: 'PT5S' }, then: 'end', metadata: { owner: 'ops' } },
    ),
    `{ call: http, with: { method: get, endpoint: { uri: 'https://a.example/{id}' }, query: { q: '\${ .q }' }, output: response },
       if: .ok, input: { from: .order }, timeout: { after: PT5S }, then: end, metadata: { owner: ops } }`,
  ],
  [
    'call openapi',
    call('openapi', { document: { endpoint: 'https://a.example' }, operationId: 'get', parameters: { id: 1 } }),
    `{ call: openapi, with: { document: { endpoint: https://a.example }, operationId: get, parameters: { id: 1 } } }`,
  ],
  [
    'call grpc',
    call('grpc', { proto: { endpoint: 'https://a.example/p' }, service: { name: 's', host: 'h' }, method: 'Get' }),
    `{ call: grpc, with: { proto: { endpoint: https://a.example/p }, service: { name: s, host: h }, method: Get } }`,
  ],
  [
    'call asyncapi',
    call('asyncapi', {
      document: { endpoint: 'https://a.example' },
      operation: 'read',
      subscription: { consume: { amount: 2 } },
    }),
    `{ call: asyncapi, with: { document: { endpoint: https://a.example }, operation: read, subscription: { consume: { amount: 2 } } } }`,
  ],
  [
    'call a2a',
    call('a2a', { method: 'tasks/get', server: 'https://a.example', parameters: { id: 't' } }),
    `{ call: a2a, with: { method: tasks/get, server: https://a.example, parameters: { id: t } } }`,
  ],
  [
    'call mcp',
    call('mcp', { method: 'tools/list', transport: { stdio: { command: 'tools', arguments: ['-v'] } } }),
    `{ call: mcp, with: { method: tools/list, transport: { stdio: { command: tools, arguments: [ -v ] } } } }`,
  ],
  [
    'call market',
    call('market', { task: { capability: 'x' }, mechanism: 'vickrey' }),
    `{ call: market, with: { task: { capability: x }, mechanism: vickrey } }`,
  ],
  ['do', flow.do({ a: wait('PT1S'), b: wait('PT2S') }), `{ do: [ { a: { wait: PT1S } }, { b: { wait: PT2S } } ] }`],
  [
    'emit',
    flow.emit({ type: 'told', source: 'https://a.example', data: { n: jq('.n') } }),
    `{ emit: { event: { with: { type: told, source: https://a.example, data: { n: '\${ .n }' } } } } }`,
  ],
  [
    'for',
    flow.for({ each: 'host', in: '.hosts', at: 'i', while: '$i < 3' }, { a: flow.set({ host: jq('$host') }) }),
    `{ for: { each: host, in: .hosts, at: i }, while: $i < 3, do: [ { a: { set: { host: '\${ $host }' } } } ] }`,
  ],
  [
    'fork',
    flow.fork({ a: wait('PT1S'), b: wait('PT2S') }, { compete: true, then: 'exit' }),
    `{ fork: { branches: [ { a: { wait: PT1S } }, { b: { wait: PT2S } } ], compete: true }, then: exit }`,
  ],
  [
    'listen',
    flow.listen(
      { any: [{ with: { type: 't' } }], until: { one: { with: { type: 'stop' } } } },
      { read: 'envelope', foreach: { item: 'e', do: tasks({ a: flow.set(jq('$e')) }) }, timeout: 'short' },
    ),
    `{ listen: { to: { any: [ { with: { type: t } } ], until: { one: { with: { type: stop } } } }, read: envelope },
       foreach: { item: e, do: [ { a: { set: '\${ $e }' } } ] }, timeout: short }`,
  ],
  [
    'raise',
    flow.raise({ type: 'https://a.example/e', status: 500, title: 'No' }),
    `{ raise: { error: { type: https://a.example/e, status: 500, title: No } } }`,
  ],
  [
    'run',
    flow.run({ shell: { command: 'ls', arguments: [jq('.where')] }, return: 'all' }),
    `{ run: { shell: { command: ls, arguments: [ '\${ .where }' ] }, return: all } }`,
  ],
  [
    'set',
    flow.set({ a: [jq('.a'), 1] }, { export: { as: '.' } }),
    `{ set: { a: [ '\${ .a }', 1 ] }, export: { as: . } }`,
  ],
  [
    'switch',
    flow.switch({ yes: { when: '.ok', then: 'end' }, no: { then: 'continue' } }),
    `{ switch: [ { yes: { when: .ok, then: end } }, { no: { then: continue } } ] }`,
  ],
  [
    'try',
    flow.try(
      { a: wait('PT1S') },
      {
        errors: { with: { status: 503 } },
        as: 'e',
        when: '$e.status > 500',
        retry: { delay: 'PT1S', limit: { attempt: { count: 2 } } },
        do: { b: flow.set({ e: jq('$e') }) },
        then: 'end',
      },
    ),
    `{ try: [ { a: { wait: PT1S } } ], catch: { errors: { with: { status: 503 } }, as: e, when: $e.status > 500,
       retry: { delay: PT1S, limit: { attempt: { count: 2 } } }, do: [ { b: { set: { e: '\${ $e }' } } } ], then: end } }`,
  ],
  ['wait', wait({ seconds: 3 }, { if: '.slow' }), `{ wait: { seconds: 3 }, if: .slow }`],
];

describe('a definition built in TypeScript', () => {
  it.each(KINDS)('is the document that YAML gives: %s', (_, built, yaml) => {
    const document = { namespace: 'test', name: 'kind', version: '1.0.0' };
    const timeouts = { short: { after: 'PT1M' } };
    const definition = flow.workflow({ ...document, use: { timeouts }, do: { task: built as never } });
    const head = "document: { dsl: '1.0.3', namespace: test, name: kind, version: '1.0.0' }";
    const text = `${head}\nuse: { timeouts: { short: { after: PT1M } } }\ndo: [ { task: ${yaml} } ]\n`;
    const checked = checkDefinition(text, { functions });
    expect(checked.errors).toEqual([]);
    expect(definition).toEqual(checked.definition);
    expect(checkDefinition(definition, { functions }).valid).toBe(true);
  });

  it('leaves out no kind', () => {
    const built = KINDS.map(([kind]) => kind.split(' ')[0]);
    expect(new Set(built)).toEqual(new Set(TASK_KINDS));
  });

  it('is the reference document', () => {
    const yaml = parse(readFileSync('examples/definitions/reference.yaml', 'utf8')) as object;
    expect(reference).toEqual(yaml);
    expect(checkDefinition(reference, { functions }).valid).toBe(true);
  });
});
