import { describe, expect, it } from '@jest/globals';
import type { Agent, AgentSummary } from '../../../contracts/agents.js';
import { agentDetail, agentsTable } from './agents.js';

const agent = {
  id: 'agent-1',
  name: 'triage',
  version: '1.0.0',
  state: 'ready',
  description: 'Sorts reports',
  capabilities: [{ name: 'triage', description: 'by severity' }, { name: 'explain' }],
  instances: [
    {
      endpoint: 'http://127.0.0.1:9',
      state: 'working',
      upMs: 61_000,
      inFlight: 2,
      maxConcurrency: 4,
      breaker: 'closed',
      lease: { expiresAt: null },
      statistics: [{ capability: 'explain', breaker: 'half-open' }],
    },
  ],
  statistics: [
    {
      capability: 'triage',
      calls: 7,
      successRate: 0.857,
      reputation: 0.9,
      latencyMs: { ewma: 5, p50: 4, p95: 1_200 },
      costUsd: 0.25,
      tokens: 512,
    },
    { capability: 'explain', calls: 0, successRate: null, reputation: null, latencyMs: null, costUsd: 0, tokens: 0 },
  ],
} as unknown as Agent;

describe('agents on the terminal', () => {
  it('are a table of who offers what', () => {
    const summary = { ...agent, capabilities: ['triage', 'explain'], instances: 1 } as unknown as AgentSummary;
    expect(agentsTable([summary]).split('\n')[1]).toMatch(
      /^triage {2}1\.0\.0 +ready {2}1 +triage, explain {2}agent-1$/,
    );
  });

  it('are a hint when there are none', () => {
    expect(agentsTable([])).toMatch(/^No agents\. Serve one with/);
  });

  it('show record and instances; a dash where nothing was measured', () => {
    const text = agentDetail(agent);
    expect(text).toMatch(/^triage 1\.0\.0 {2}ready {2}agent-1\nSorts reports\n\nCAPABILITY/);
    expect(text).toMatch(/^triage +7 +86 % +0\.90 +4 ms +1\.2 s +\$0\.25 +512 +by severity$/m);
    expect(text).toMatch(/^explain +0 +– +– +– +– +\$0\.00 +0$/m);
    expect(text).toMatch(/^http:\/\/127\.0\.0\.1:9 +working +1 min 1 s +2\/4 +closed, explain half-open +never$/m);
  });

  it('say so when no instance is there', () => {
    expect(agentDetail({ ...agent, description: null, instances: [] })).toMatch(/\n\nNo instances\.$/);
  });
});
