import { describe, expect, it } from '@jest/globals';
import { functionCatalogue } from '../../contracts/function-schemas.js';
import { checkDefinition, type CheckedDefinition } from '../../workflows/language/checker/check-definition.js';
import type { Installation } from '../../workflows/language/checker/meaning/check.js';

const document = { dsl: '1.0.3', namespace: 'test', name: 'flow', version: '1.0.0' };
const functions = functionCatalogue();
const check = (list: object[], installation?: Installation, more: object = {}) =>
  checkDefinition({ document, ...more, do: list }, { functions, ...(installation ? { installation } : {}) });
const warned = ({ valid, warnings }: CheckedDefinition) => {
  expect(valid).toBe(true);
  return warnings.map(({ code, path, didYouMean }) => `${code} ${path}${didYouMean ? ` ${didYouMean}` : ''}`);
};

describe('what depends on the installation', () => {
  const here: Installation = {
    agents: ['ada'],
    capabilities: ['triage'],
    workflows: ['support/incident'],
    enabled: [],
  };
  const child = (name: string) => ({ run: { workflow: { namespace: 'support', name, version: '1.0.0' } } });

  it.each([
    ['an agent', { call: 'agent', with: { agent: 'bob' } }, 'unknown-agent /do/0/a/with/agent'],
    [
      'a capability',
      { call: 'agent', with: { capability: 'triaje' } },
      'unknown-capability /do/0/a/with/capability triage',
    ],
    [
      'a capability inside of a pattern',
      { call: 'sequential', with: { steps: [{ name: 's', capability: 'x', input: { capability: 'data' } }] } },
      'unknown-capability /do/0/a/with/steps/0/capability',
    ],
    ['a workflow', child('incidents'), 'unknown-workflow /do/0/a/run/workflow/name support/incident'],
    ['a container', { run: { container: { image: 'i' } } }, 'refused-kind /do/0/a/run/container'],
    ['a script', { run: { script: { language: 'js', code: '1' } } }, 'refused-kind /do/0/a/run/script'],
    ['a shell', { run: { shell: { command: 'ls' } } }, 'refused-kind /do/0/a/run/shell'],
    [
      'a server of MCP as a process',
      { call: 'mcp', with: { method: 'tools/list', transport: { stdio: { command: 'x' } } } },
      'refused-kind /do/0/a/with/transport/stdio',
    ],
    ['a connector', { call: 'slack.postMessage', with: {} }, 'unknown-connector /do/0/a/call'],
    ['a function behind a URL', { call: 'https://a.example/f' }, 'outside-catalog /do/0/a/call'],
    ['a function of another catalogue', { call: 'f:1.0.0@mine' }, 'outside-catalog /do/0/a/call'],
  ])('is a warning, not a mistake: %s', (_, task, warning) => {
    const use = { catalogs: { mine: { endpoint: 'https://a.example' } } };
    expect(warned(check([{ a: task }], here, { use }))).toEqual([warning]);
  });

  it('is no warning when it is there, or evaluated later', () => {
    const list = [
      { a: { call: 'agent', with: { agent: 'ada' } } },
      { b: { call: 'agent', with: { capability: 'triage' } } },
      { c: { call: 'agent', with: { capability: '${ .what }' } } },
      { d: child('incident') },
      { e: { run: { shell: { command: 'ls' } } } },
    ];
    expect(warned(check(list, { ...here, enabled: ['shell'] }))).toEqual([]);
  });

  it('is not asked when nothing is known of it', () => {
    expect(warned(check([{ a: { call: 'agent', with: { agent: 'bob' } } }, { b: child('any') }]))).toEqual([]);
    const unknown = checkDefinition({ document, do: [{ a: { call: 'whatever', with: { n: '${ .n }' } } }] });
    expect(warned(unknown)).toEqual([]);
  });
});

describe('limits of a definition', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ [`t${index}`]: { wait: 'PT1S' } }));
  const codes = ({ errors }: CheckedDefinition) => errors.map(({ code, path }) => `${code} ${path}`);

  it('are 500 branches of a fork', () => {
    expect(codes(check([{ a: { fork: { branches: many(500) } } }]))).toEqual([]);
    expect(codes(check([{ a: { fork: { branches: many(501) } } }]))).toEqual([
      'too-many-branches /do/0/a/fork/branches',
    ]);
  });

  it('are 1,000 tasks, those inside of others included', () => {
    const inner = { last: { do: many(499) } };
    expect(codes(check([...many(500), inner]))).toEqual([]);
    expect(codes(check([...many(501), inner]))).toEqual(['too-many-tasks /do/501/last/do/498/t498']);
  });
});

describe('other rules of meaning', () => {
  const errorsOf = (task: object, more: object = {}) =>
    check([{ a: task }], undefined, more).errors.map(({ code, path }) => `${code} ${path}`);

  it.each(['0 * * * *', '*/15 0-6,22 1 JAN-MAR MON', '5,10 4 * * 0/2', '0 0 1 12 7'])('take %s as cron', (cron) => {
    expect(errorsOf({ wait: 'PT1S' }, { schedule: { cron } })).toEqual([]);
  });
  it.each(['60 * * * *', '* * 0 * *', '* * * 13 *', '* * * * 8', '5-1 * * * *', '*/0 * * * *', '@daily', 'a b c d e'])(
    'refuse %s as cron',
    (cron) => expect(errorsOf({ wait: 'PT1S' }, { schedule: { cron } })).toEqual(['invalid-cron /schedule/cron']),
  );

  it('take the error of a catch where it holds, under the name it has there', () => {
    const use = { retries: { gentle: { when: '$problem.status > 500' } } };
    const caught = { as: 'problem', when: '$problem.status == 503', retry: 'gentle' };
    expect(errorsOf({ try: [], catch: caught }, { use })).toEqual([]);
    expect(errorsOf({ try: [], catch: { when: '$problem.status == 503' } })).toEqual([
      'invalid-expression /do/0/a/catch/when',
    ]);
    expect(errorsOf({ try: [], catch: { retry: { limit: { attempt: { count: -1 } } } } })).toEqual([
      'out-of-range /do/0/a/catch/retry/limit/attempt/count',
    ]);
  });

  it('leave plain text be, and text that is no jq when expressions are loose', () => {
    expect(errorsOf({ set: { n: 'costs $5 {net}' } })).toEqual([]);
    expect(errorsOf({ set: { n: '${ not jq at all' } }, { evaluate: { mode: 'loose' } })).toEqual([]);
  });

  it('know what patterns give to what they evaluate themselves', () => {
    const worker = { capability: 'x', input: { host: '${ $host }', all: '${ $context.all }' } };
    expect(errorsOf({ call: 'workers', with: { items: '${ .hosts }', each: 'host', worker } })).toEqual([]);
    expect(errorsOf({ call: 'agent', with: { capability: '${ $item }' } })).toEqual([
      'invalid-expression /do/0/a/with/capability',
    ]);
    const remembering = { name: 'm', call: 'memory.put', with: { key: 'k', value: '${ $input.x }' } };
    expect(errorsOf({ call: 'sequential', with: { steps: [remembering] } })).toEqual([]);
  });

  it('tell rules that a schema cannot say, also deep inside of a pattern', () => {
    const steps = [{ name: 's', pattern: 'agent', with: { capability: 'x', agent: 'y' } }];
    expect(errorsOf({ call: 'sequential', with: { steps } })).toEqual(['invalid-with /do/0/a/with/steps/0/with']);
    const twice = [
      { name: 's', capability: 'x' },
      { name: 's', capability: 'y' },
    ];
    expect(errorsOf({ call: 'sequential', with: { steps: twice } })).toEqual(['invalid-with /do/0/a/with/steps']);
  });

  it('cover what events and external documents say', () => {
    const filter = {
      with: { type: 't', data: '${ .x | }' },
      correlate: { id: { from: '.id |', expect: '${ $nope }' } },
    };
    expect(errorsOf({ listen: { to: { all: [filter] } } })).toEqual([
      'invalid-expression /do/0/a/listen/to/all/0/with/data',
      'invalid-expression /do/0/a/listen/to/all/0/correlate/id/from',
      'invalid-expression /do/0/a/listen/to/all/0/correlate/id/expect',
    ]);
    const schema = { resource: { endpoint: { uri: 'https://a.example', authentication: { use: 'none' } } } };
    expect(errorsOf({ wait: 'PT1S', input: { schema } })).toEqual([
      'unknown-authentication /do/0/a/input/schema/resource/endpoint/authentication/use',
    ]);
  });
});
