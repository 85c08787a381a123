import type { FailedCall } from '../../../contracts/failed-calls.js';
import type { Json } from '../../../contracts/json.js';
import type { SelectionReport, SelectionSettings } from '../../../contracts/selection.js';

const settings: SelectionSettings = { learned: true, costWeight: 0, latencyWeight: 0, explore: 0.1 };
const estimate = { value: 0.91, low: 0.89, high: 0.93, effectiveChoices: 812.4 };
const report: SelectionReport = {
  capability: 'triage',
  choices: 1_000,
  settings,
  logged: { value: 0.93, low: 0.91, high: 0.95, effectiveChoices: 1_000 },
  policies: [
    { policy: 'random', value: 0.78, low: 0.7, high: 0.86, effectiveChoices: 97.2 },
    { policy: 'expected-completion', ...estimate },
    { policy: 'agent:019aa6f0-1111-7aaa-8bbb-000000000001', ...estimate },
  ],
};

const runId = '019aa6f2-7c1e-7d7a-9c55-8d0f8a1f6b01';
const failedCall: FailedCall = {
  runId,
  pattern: 'sequential',
  workflow: null,
  runStatus: 'failed',
  key: 'steps/triage',
  path: '/steps/triage',
  role: null,
  capability: 'triage',
  agent: 'triage',
  agentId: '019aa6f0-11aa-7b10-8a30-55b1b7a0c2d4',
  attempts: 3,
  error: { code: 'agent.timeout', message: 'The agent did not answer within 30000 ms' },
  startedAt: '2026-11-21T16:30:00.021Z',
  failedAt: '2026-11-21T16:31:30.131Z',
  replay: { path: `/v1/runs/${runId}/rerun`, body: { calls: 'failed' } },
};

/** Answers about how the whole goes, by the id of their schema. */
export const OPERATIONS_EXAMPLES: Record<string, Json> = {
  FailedCall: failedCall,
  Stats: {
    runs: { running: 3, waiting: 12 },
    ended: { completed: 240, failed: 1 },
    agents: { ready: 1, working: 2 },
    queues: [
      {
        name: 'brikk-core',
        backlog: 0,
        workers: [{ identity: '4242@host', lastSeenAt: '2026-11-21T16:30:00.000Z' }],
      },
    ],
  },
  SelectionSettings: settings,
  SelectionReport: report as unknown as Json,
};
