import { uuidv7 } from '../../database/uuid.js';
import { agentRun, invalid, type Wrong } from './wrong-request.js';
import { WRONG_RUNS } from './wrong-runs.js';

const none = uuidv7();
const registration = (extra: object = {}) => ({
  name: 'a',
  version: '1.0.0',
  protocol: 'http',
  endpoint: 'http://127.0.0.1:9',
  capabilities: [{ name: 'a' }],
  ...extra,
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
  what,
  method,
  path,
  status: 404,
  code,
  ...(body === undefined ? {} : { body }),
});

/** What the API refuses, route by route. */
export const WRONG_REQUESTS: Wrong[] = [
  ...WRONG_RUNS,
  query('a page of none', '/v1/runs?limit=0', 'limit'),
  query('a page of 201', '/v1/runs?limit=201', 'limit'),
  query('a page of text', '/v1/runs?limit=ten', 'limit'),
  { ...query('two limits', '/v1/runs?limit=1&limit=2', 'limit'), says: /given once/ },
  query('an unknown filter', '/v1/runs?satus=failed', 'satus'),
  query('a status that does not exist', '/v1/runs?status=done', 'status'),
  { ...query('a time that is none', '/v1/runs?since=yesterday', 'since'), says: /RFC 3339/ },
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
  {
    ...missing('a function that is not in the catalogue', '/v1/functions/conceptual', 'function.not_found'),
    at: 'name',
  },
  query('a filter of the catalogue', '/v1/functions?kind=x', 'kind'),
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
