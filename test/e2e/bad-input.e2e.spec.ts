import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { uuidv7 } from '../../database/uuid.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { asOwner } from '../support/postgres.js';

interface Wrong {
  what: string;
  method?: 'get' | 'post' | 'put' | 'delete' | 'patch';
  path?: string;
  /** Sent as it is when a string or bytes. */
  body?: unknown;
  headers?: Record<string, string>;
  status: number;
  code: string;
  /** Where the first violation is. */
  at?: string;
  didYouMean?: string;
}

const none = uuidv7();
const agentRun = (extra: object = {}, more: object = {}) => ({
  pattern: 'agent',
  with: { capability: 'a', ...extra },
  ...more,
});
const steps = (...list: unknown[]) => ({ pattern: 'sequential', with: { steps: list } });
const step = { name: 'one', capability: 'a' };
const concurrent = (parameters: object) => ({ pattern: 'concurrent', with: parameters });
const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
const registration = (extra: object = {}) => ({
  ...{ name: 'a', version: '1.0.0', protocol: 'http', endpoint: 'http://127.0.0.1:9', capabilities: [{ name: 'a' }] },
  ...extra,
});
const raw = (text: string): Pick<Wrong, 'body' | 'status' | 'code'> => ({
  body: text,
  status: 400,
  code: 'request.invalid_json',
});
const invalid = (
  body: unknown,
  at: string,
  didYouMean?: string,
): Pick<Wrong, 'body' | 'status' | 'code' | 'at' | 'didYouMean'> => ({
  ...{ body, status: 422, code: 'request.invalid', at },
  ...(didYouMean ? { didYouMean } : {}),
});
const inAgents = { path: '/v1/agents' };
const inKeys = { path: '/v1/api-keys' };
const query = (what: string, path: string, at: string): Wrong => ({
  what,
  method: 'get',
  path,
  status: 422,
  code: 'request.invalid',
  at,
});
const missing = (what: string, path: string, code: string, method: Wrong['method'] = 'get', body?: unknown): Wrong => ({
  ...{ what, method, path, status: 404, code },
  ...(body === undefined ? {} : { body }),
});

const WRONG: Wrong[] = [
  { what: 'broken JSON', ...raw('{"pattern": ') },
  { what: 'a JSON text with a trailing comma', ...raw('{"pattern": "agent",}') },
  { what: 'NaN', ...raw('{"input": NaN}') },
  { what: 'a raw control character', ...raw('{"input": "a\u0001b"}') },
  { what: 'no body', ...invalid(undefined, 'body') },
  { what: 'a list', ...invalid([], 'body') },
  { what: 'a string', ...invalid('"run"', 'body') },
  { what: 'null', ...invalid('null', 'body') },
  { what: 'an empty object', ...invalid({}, 'pattern') },
  { what: 'a pattern that does not exist', ...invalid({ pattern: 'sequentail', with: {} }, 'pattern', 'sequential') },
  { what: 'a pattern of another type', ...invalid({ pattern: 7, with: {} }, 'pattern') },
  { what: 'no parameters', ...invalid({ pattern: 'agent' }, 'with') },
  { what: 'an unknown field of a run', ...invalid({ ...agentRun(), lables: {} }, 'lables', 'labels') },
  { what: 'an unknown parameter', ...invalid(agentRun({ timeuot: 'PT1S' }), 'with.timeuot', 'timeout') },
  { what: 'an agent and a capability', ...invalid(agentRun({ agent: 'b' }), 'with') },
  { what: 'a name with a space', ...invalid(agentRun({ capability: 'a b' }), 'with.capability') },
  { what: 'a name of 129 characters', ...invalid(agentRun({ capability: 'a'.repeat(129) }), 'with.capability') },
  { what: 'a number for a name', ...invalid(agentRun({ capability: 1 }), 'with.capability') },
  {
    what: 'a policy that does not exist',
    ...invalid(agentRun({ select: 'least-bussy' }), 'with.select', 'least-busy'),
  },
  { what: 'a duration that is none', ...invalid(agentRun({ timeout: { attempt: '30s' } }), 'with.timeout.attempt') },
  { what: 'a duration of two years', ...invalid(agentRun({ timeout: { total: 'P730D' } }), 'with.timeout.total') },
  {
    what: 'a negative duration',
    ...invalid(agentRun({ timeout: { total: { seconds: -1 } } }), 'with.timeout.total.seconds'),
  },
  { what: 'no attempts', ...invalid(agentRun({ retry: { maxAttempts: 0 } }), 'with.retry.maxAttempts') },
  { what: 'half an attempt', ...invalid(agentRun({ retry: { maxAttempts: 1.5 } }), 'with.retry.maxAttempts') },
  { what: 'a version range that is none', ...invalid(agentRun({ version: 'newest please' }), 'with.version') },
  {
    what: 'an output schema of an unknown type',
    ...invalid(agentRun({ outputSchema: { type: 'strnig' } }), 'with.outputSchema'),
  },
  { what: 'no steps', ...invalid(steps(), 'with.steps') },
  { what: 'a step without a name', ...invalid(steps(step, { capability: 'a' }), 'with.steps[1].name') },
  {
    what: 'a step with a number for a name',
    ...invalid(steps(step, step, { ...step, name: 3 }), 'with.steps[2].name'),
  },
  {
    what: 'an unknown field of a step',
    ...invalid(steps({ ...step, capabilty: 'b' }), 'with.steps[0].capabilty', 'capability'),
  },
  { what: 'two steps of one name', ...invalid(steps(step, step), 'with.steps') },
  {
    what: 'a nested pattern that does not exist',
    ...invalid(steps({ name: 'n', pattern: 'agnet', with: {} }), 'with.steps[0].pattern', 'agent'),
  },
  {
    what: 'a nested step without a name',
    ...invalid(steps({ name: 'n', ...steps({ capability: 'a' }) }), 'with.steps[0].with.steps[0].name'),
  },
  { what: 'no branches', ...invalid(concurrent({}), 'with.branches') },
  { what: 'items without a branch', ...invalid(concurrent({ items: [1] }), 'with.branch') },
  {
    what: 'a quorum of nobody',
    ...invalid(concurrent({ capability: 'a', count: 2, completion: { quorum: 0 } }), 'with.completion.quorum'),
  },
  {
    what: 'a vote that does not exist',
    ...invalid(
      concurrent({ capability: 'a', count: 2, aggregate: { vote: 'majorty' } }),
      'with.aggregate.vote',
      'majority',
    ),
  },
  {
    what: 'jq that does not compile',
    body: agentRun({ input: '${ .a | }' }),
    status: 422,
    code: 'expression.invalid',
    at: 'with.input',
  },
  {
    what: 'a jq function that does not exist',
    body: steps({ ...step, skipIf: 'nope(1)' }),
    status: 422,
    code: 'expression.invalid',
    at: 'with.steps[0].skipIf',
  },
  {
    what: 'jq that is not closed',
    body: agentRun({ input: '${ .a' }),
    status: 422,
    code: 'expression.invalid',
    at: 'with.input',
  },
  { what: 'a deadline of zero', ...invalid(agentRun({}, { deadlineMs: 0 }), 'deadlineMs') },
  { what: 'a deadline of text', ...invalid(agentRun({}, { deadlineMs: '5' }), 'deadlineMs') },
  { what: 'a label that is an object', ...invalid(agentRun({}, { labels: { a: {} } }), 'labels.a') },
  { what: 'a label with a space in its name', ...invalid(agentRun({}, { labels: { 'a b': 'x' } }), 'labels["a b"]') },
  {
    what: '33 labels',
    ...invalid(
      agentRun({}, { labels: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`l${i}`, 'x'])) }),
      'labels',
    ),
  },
  { what: 'a priority that does not exist', ...invalid(agentRun({}, { priority: 'hihg' }), 'priority', 'high') },
  { what: 'a huge number', ...invalid('{"pattern":"agent","with":{"capability":"a"},"input":{"n":1e999}}', 'input.n') },
  { what: 'nesting of 101 levels', ...invalid(agentRun({}, { input: deep(101) }), 'input[0][0][0][0][0][0][0]') },
  {
    what: 'nesting of 100,000 levels',
    ...invalid('['.repeat(100_000) + ']'.repeat(100_000), '[0][0][0][0][0][0][0][0]'),
  },
  { what: 'a string of more than 256 KiB', ...invalid(agentRun({}, { input: 'x'.repeat(262_145) }), 'input') },
  { what: 'a list of 10,001', ...invalid(agentRun({}, { input: Array.from({ length: 10_001 }, () => 1) }), 'input') },
  { what: 'U+0000 in a value', ...invalid(agentRun({}, { input: { a: 'x\0y' } }), 'input.a') },
  { what: 'U+0000 in a name', ...invalid(agentRun({}, { input: { 'x\0y': 1 } }), 'input') },
  {
    what: 'half a surrogate pair',
    ...invalid('{"pattern":"agent","with":{"capability":"a"},"input":"\\ud800"}', 'input'),
  },
  {
    what: 'a body of more than 1 MiB',
    body: JSON.stringify({ input: 'x'.repeat(1_100_000) }),
    status: 413,
    code: 'body.too_large',
    at: 'body',
  },
  {
    what: 'a form',
    body: 'a=b',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'body.unsupported_type',
    at: 'Content-Type',
  },
  {
    what: 'another charset',
    body: '{}',
    headers: { 'content-type': 'application/json; charset=latin1' },
    status: 415,
    code: 'body.unsupported_type',
  },
  {
    what: 'a compressed body',
    body: '{}',
    headers: { 'content-encoding': 'gzip' },
    status: 415,
    code: 'body.unsupported_type',
  },
  {
    what: 'an answer as XML',
    body: agentRun(),
    headers: { accept: 'application/xml' },
    status: 406,
    code: 'request.not_acceptable',
    at: 'Accept',
  },
  {
    what: 'an idempotency key of 256 characters',
    ...invalid(agentRun(), 'Idempotency-Key'),
    headers: { 'idempotency-key': 'k'.repeat(256) },
  },
  { what: 'a wait that is none', path: '/v1/runs?wait=soon', ...invalid(agentRun(), 'wait') },
  { what: 'a wait of two minutes', path: '/v1/runs?wait=99s', ...invalid(agentRun(), 'wait') },
  { what: 'an unknown query field on a start', path: '/v1/runs?async=1', ...invalid(agentRun(), 'async') },
  query('a page of none', '/v1/runs?limit=0', 'limit'),
  query('a page of 201', '/v1/runs?limit=201', 'limit'),
  query('a page of text', '/v1/runs?limit=ten', 'limit'),
  query('two limits', '/v1/runs?limit=1&limit=2', 'limit'),
  query('an unknown filter', '/v1/runs?satus=failed', 'satus'),
  query('a status that does not exist', '/v1/runs?status=done', 'status'),
  query('a time that is none', '/v1/runs?since=yesterday', 'since'),
  query('a cursor of our making it is not', '/v1/runs?cursor=%F0%9F%92%A9', 'cursor'),
  query('U+0000 in a query', '/v1/runs?label=%00', 'label'),
  query('a query where none is known', '/v1/organisations/current?x=1', 'x'),
  missing('an unknown route', '/v1/nothing', 'request.not_found'),
  missing('an unknown run', `/v1/runs/${none}`, 'run.not_found'),
  missing('a run id that is none', '/v1/runs/42', 'run.not_found'),
  missing('a run id with U+0000', '/v1/runs/%00', 'run.not_found'),
  missing('a path that cannot be decoded', '/v1/runs/%E0%A4%A', 'request.not_found'),
  missing('the events of an unknown run', `/v1/runs/${none}/events`, 'run.not_found'),
  missing('cancelling an unknown run', `/v1/runs/${none}/cancel`, 'run.not_found', 'post'),
  missing('a rerun of an unknown run', `/v1/runs/${none}/rerun`, 'run.not_found', 'post', { reason: 'x' }),
  missing('an unknown agent', `/v1/agents/${none}`, 'agent.not_found'),
  missing(
    'a heartbeat of an unknown instance',
    `/v1/agents/${none}/instances/${none}/heartbeat`,
    'instance.not_found',
    'put',
    {},
  ),
  missing('an unknown key', `/v1/api-keys/${none}`, 'api_key.not_found', 'delete'),
  {
    what: 'a method that the path does not have',
    method: 'patch',
    path: `/v1/runs/${none}`,
    body: {},
    status: 405,
    code: 'request.method_not_allowed',
  },
  { what: 'a rerun without a reason', path: `/v1/runs/${none}/rerun`, ...invalid({}, 'reason') },
  { what: 'a cancel with a body', path: `/v1/runs/${none}/cancel`, ...invalid({ force: true }, 'force') },
  { what: 'a signal without a usable name', path: `/v1/runs/${none}/signals/a%20b`, ...invalid({}, 'name') },
  {
    what: 'an agent without capabilities',
    ...inAgents,
    ...invalid(registration({ capabilities: [] }), 'capabilities'),
  },
  { what: 'an agent at a file', ...inAgents, ...invalid(registration({ endpoint: 'file:///etc/passwd' }), 'endpoint') },
  { what: 'an agent of version one', ...inAgents, ...invalid(registration({ version: 'one' }), 'version') },
  {
    what: 'a capability without a name',
    ...inAgents,
    ...invalid(registration({ capabilities: [{}] }), 'capabilities[0].name'),
  },
  {
    what: 'two capabilities of one name',
    ...inAgents,
    ...invalid(registration({ capabilities: [{ name: 'a' }, { name: 'a' }] }), 'capabilities'),
  },
  {
    what: 'an agent of another protocol version',
    ...inAgents,
    body: registration({ protocolVersions: [9] }),
    status: 422,
    code: 'agent.protocol_unsupported',
    at: 'protocolVersions',
  },
  { what: 'a role that does not exist', ...inKeys, ...invalid({ name: 'k', role: 'ownr' }, 'role', 'owner') },
  {
    what: 'a scope that does not exist',
    ...inKeys,
    ...invalid({ name: 'k', role: 'owner', scopes: ['root'] }, 'scopes[0]'),
  },
  {
    what: 'an expiry that is no time',
    ...inKeys,
    ...invalid({ name: 'k', role: 'owner', expiresAt: 'never' }, 'expiresAt'),
  },
  { what: 'an organisation without a name', path: '/v1/organisations', ...invalid({}, 'name') },
  {
    what: 'an expression that does not compile',
    path: '/v1/expressions/evaluate',
    body: { expression: '.[' },
    status: 422,
    code: 'expression.invalid',
    at: 'expression',
  },
  {
    what: 'an expression that fails',
    path: '/v1/expressions/evaluate',
    body: { expression: '.a.b', input: [1] },
    status: 422,
    code: 'expression.failed',
    at: 'expression',
  },
  {
    what: 'an expression without end',
    path: '/v1/expressions/evaluate',
    body: { expression: 'def f: f; f' },
    status: 422,
    code: 'expression.failed',
  },
  { what: 'no key', headers: { authorization: '' }, body: agentRun(), status: 401, code: 'auth.missing' },
  {
    what: 'another scheme',
    headers: { authorization: 'Basic YTpi' },
    body: agentRun(),
    status: 401,
    code: 'auth.invalid',
  },
  {
    what: 'a malformed key',
    headers: { authorization: 'Bearer brk_dev_short' },
    body: agentRun(),
    status: 401,
    code: 'auth.invalid',
  },
];

describe('wrong requests', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const send = async ({ method = 'post', path = '/v1/runs', body, headers = {} }: Wrong) => {
    const sent = request(api.app.getHttpServer())[method](path).set('authorization', `Bearer ${api.key}`);
    if (body !== undefined) sent.set('content-type', 'application/json');
    for (const [name, value] of Object.entries(headers)) void (value === '' ? sent.unset(name) : sent.set(name, value));
    return body === undefined ? sent : sent.send(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const countRows = () =>
    asOwner(api.ownerUrl, async (client) => {
      const tables = [
        'run',
        'run_event',
        'agent',
        'agent_instance',
        'api_key',
        'organisation',
        'idempotency',
        'payload',
        'audit_event',
      ];
      const counts = tables.map((table) => `(SELECT count(*) FROM ${table})`).join(" || ' ' || ");
      return (await client.query<{ rows: string }>(`SELECT ${counts} AS rows`)).rows[0]?.rows;
    });

  it.each(WRONG)('$what: $status $code', async (wrong) => {
    const before = await countRows();
    const answer = await send(wrong);
    const problem = answer.body as {
      status: number;
      code: string;
      requestId: string;
      errors?: { path: string; didYouMean?: string }[];
    };
    expect({ status: answer.status, code: problem.code }).toEqual({ status: wrong.status, code: wrong.code });
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect(problem.requestId).toBe(answer.headers['x-request-id']);
    if (wrong.at !== undefined) expect(problem.errors?.map(({ path }) => path)).toContain(wrong.at);
    if (wrong.didYouMean !== undefined)
      expect(problem.errors?.map(({ didYouMean }) => didYouMean)).toContain(wrong.didYouMean);
    expect(answer.text).not.toMatch(/\bat .*\.[jt]s:\d+|node_modules/);
    expect(await countRows()).toBe(before);
  });

  it('names the methods that a path has', async () => {
    const answer = await request(api.app.getHttpServer()).patch('/v1/runs').set('authorization', `Bearer ${api.key}`);
    expect(answer.headers.allow).toBe('POST, GET, HEAD');
  });

  it('refuses an expired key', async () => {
    const key = await api.makeKey({ role: 'owner', expiresAt: new Date(Date.now() - 1_000).toISOString() });
    const answer = await request(api.app.getHttpServer()).get('/v1/runs').set('authorization', `Bearer ${key}`);
    expect(answer.body).toMatchObject({ status: 401, code: 'auth.expired' });
  });
});
