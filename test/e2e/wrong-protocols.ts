import { invalid, type Wrong } from './wrong-request.js';

const inAgents = { path: '/v1/agents' };
const server = (extra: object) => ({
  name: 'library',
  version: '1.0.0',
  protocol: 'mcp',
  endpoint: 'http://127.0.0.1:9',
  ...extra,
});

/** What the API refuses of agents that speak other protocols. */
export const WRONG_PROTOCOLS: Wrong[] = [
  {
    what: 'a server with capabilities of its own',
    ...inAgents,
    ...invalid(server({ capabilities: [{ name: 'a' }] }), 'capabilities'),
  },
  {
    what: 'an agent of Brikk that is a server',
    ...inAgents,
    ...invalid(server({ protocol: 'http', capabilities: [{ name: 'a' }], remote: {} }), 'remote'),
  },
  {
    what: 'a server whose secret does not exist',
    ...inAgents,
    ...invalid(server({ remote: { secret: 'none' } }), 'remote'),
  },
  {
    what: 'a server under a header that is none',
    ...inAgents,
    ...invalid(server({ remote: { headers: { 'x y': 'token' } } }), 'remote.headers["x y"]'),
  },
];
