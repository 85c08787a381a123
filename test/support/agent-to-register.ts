import { registerAgentSchema } from '../../contracts/agents.js';

/** An agent that is not there; `extra` says what is special about it. */
export const agentToRegister = (extra: object = {}) =>
  registerAgentSchema.parse({
    name: 'triage',
    version: '1.0.0',
    protocol: 'http',
    endpoint: 'http://127.0.0.1:9/a',
    capabilities: [{ name: 'sort', cost: { usd: 0.1 } }],
    labels: { tier: 'gold' },
    ...extra,
  });
