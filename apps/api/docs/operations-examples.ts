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

/** Answers about how the whole goes, by the id of their schema. */
export const OPERATIONS_EXAMPLES: Record<string, Json> = {
  Stats: {
    runs: { completed: 240, running: 3 },
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
