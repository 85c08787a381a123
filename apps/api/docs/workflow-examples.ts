import type { Schedule } from '../../../contracts/schedules.js';
import type { Workflow } from '../../../contracts/workflows.js';
import type { Json } from '../../../contracts/json.js';

const workflow: Workflow = {
  namespace: 'support',
  name: 'incident',
  version: '1.0.0',
  title: 'Incidents',
  summary: null,
  hash: '5a9c2f7f6a3b4e0d8c1b2a39485766554433221100ffeeddccbbaa9988776655',
  createdAt: '2026-11-21T16:20:00.000Z',
};

const schedule: Schedule = {
  namespace: 'support',
  name: 'digest',
  version: '1.0.0',
  kind: 'cron',
  cron: '0 6 * * MON-FRI',
  periodMs: null,
  state: 'active',
  nextDueAt: '2026-11-23T06:00:00.000Z',
  lastRunId: '019aa6f2-7c1e-7d7a-9c55-8d0f8a1f6b01',
  lastDueAt: '2026-11-20T06:00:00.000Z',
  fires: 4,
  skipped: 0,
  missed: 0,
};

/** Answers about workflow definitions and what they call, by the id of their schema. */
export const WORKFLOW_EXAMPLES: Record<string, Json> = {
  Function: {
    name: 'agent',
    kind: 'pattern',
    version: '1.0.0',
    description: 'One agent call.',
    docs: 'docs/runs.md#agent',
    with: { type: 'object', properties: { capability: { type: 'string' } } },
    output: { description: "The agent's output." },
    example: { pattern: 'agent', with: { capability: 'triage' }, input: 'Disk full on db-3' },
  },
  Workflow: { ...workflow },
  PublishedWorkflow: { ...workflow, warnings: [] },
  Schedule: { ...schedule },
  WorkflowDefinition: {
    document: { dsl: '1.0.3', namespace: 'support', name: 'incident', version: '1.0.0', title: 'Incidents' },
    do: [{ triage: { call: 'agent', with: { capability: 'triage' } } }],
  },
};
