/** What becomes of agents and pools; webhook endpoints can subscribe to it. */
export const AGENT_EVENT_TYPES = [
  'agent.registered',
  'agent.ready',
  'agent.working',
  'agent.recovering',
  'agent.shutdown',
  'agent.lease_expired',
  'agent.breaker_opened',
  'agent.breaker_closed',
  'pool.scaled',
] as const;
export type AgentEventType = (typeof AGENT_EVENT_TYPES)[number];
