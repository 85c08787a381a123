import type { StartRunInput } from '../../sdk/client.js';

export interface Incident {
  id: string;
  title: string;
  text: string;
}

const SEVERITIES = '["critical", "high", "medium", "low"]';
/** Of all reports, each with what triage found, the first to care for: security before all, then by severity. */
const MOST_URGENT = `[., $input] | transpose | map({severity: .[0].severity, category: .[0].category} + .[1])
  | min_by([.category != "security", (.severity as $severity | ${SEVERITIES} | index($severity))])`;

/**
 * The body that starts the welcome run: a sequence whose steps are patterns themselves. All reports are sorted, and the
 * most urgent one is read, diagnosed, rated, given to the cheapest to find its measures, handed to its desk, briefed,
 * digested, and written up.
 */
export function welcomeRun(incidents: Incident[]): StartRunInput {
  const urgent = { text: '${ .triage.text }' };
  return {
    pattern: 'sequential',
    with: {
      chain: 'full',
      steps: [
        {
          name: 'triage',
          pattern: 'concurrent',
          input: '${ $input.reports }',
          with: {
            items: '.',
            branch: { capability: 'triage', input: { text: '${ $item.text }' } },
            aggregate: { expr: MOST_URGENT },
          },
        },
        {
          name: 'reading',
          pattern: 'concurrent',
          input: urgent,
          with: {
            branches: ['language-id', 'pii-scanner', 'sentiment'].map((capability) => ({
              name: capability,
              capability,
            })),
          },
        },
        {
          name: 'diagnosis',
          pattern: 'blackboard',
          input: urgent,
          with: {
            board: { sections: [{ name: 'report', entries: { text: '${ .text }' } }, { name: 'findings' }] },
            sources: [
              { capability: 'cause', input: '${ .report }', writes: ['findings'], when: '.findings.keywords != null' },
              { capability: 'keywords', input: { text: '${ .report.text }', limit: 3 }, writes: ['findings'] },
            ],
            until: '.findings.cause != null',
          },
        },
        {
          name: 'severity',
          pattern: 'consensus',
          input: urgent,
          with: { voters: { capability: 'severity', count: 3 }, method: 'unanimous' },
        },
        {
          name: 'measures',
          pattern: 'market',
          input: urgent,
          with: { task: { capability: 'measures' }, mechanism: 'vickrey', bidDeadline: 'PT3S' },
        },
        {
          name: 'topics',
          pattern: 'workers',
          input: '${ $input.reports }',
          with: {
            items: '.',
            worker: { capability: 'keywords', input: { text: '${ $item.text }', limit: 2 } },
            maxAttemptsPerItem: 2,
            synthesize: { expr: 'map(.keywords[]) | unique' },
          },
        },
        {
          name: 'desk',
          pattern: 'handoff',
          input: urgent,
          with: {
            targets: [
              { capability: 'front-desk' },
              { name: 'security', capability: 'pii-scanner', input: '${ .input }' },
              { name: 'availability', capability: 'cause', input: '${ .input }' },
            ],
            maxHops: 5,
          },
        },
        {
          name: 'brief',
          pattern: 'hierarchy',
          input: urgent,
          with: {
            manager: { capability: 'manager' },
            allow: ['triage', 'summariser', 'keywords'],
            maxAgents: 20,
          },
        },
        {
          name: 'digest',
          pattern: 'adaptive',
          input: urgent,
          with: {
            candidates: [
              { name: 'quick', capability: 'summariser', when: '.text | length < 100' },
              {
                name: 'thorough',
                pattern: 'plan',
                with: {
                  goal: 'Share a short summary and the cause, without personal data',
                  planner: { capability: 'planner' },
                  allow: ['pii-scanner', 'summariser', 'cause', 'keywords'],
                },
              },
            ],
          },
        },
        {
          name: 'report',
          pattern: 'groupChat',
          input: { title: '${ .triage.title }', text: '${ .triage.text }', severity: '${ .severity }' },
          with: {
            makerChecker: { maker: { capability: 'incident-report' }, checkers: [{ capability: 'check-report' }] },
          },
        },
      ],
    },
    input: { reports: incidents.map(({ id, title, text }) => ({ id, title, text })) },
    labels: { welcome: 'true' },
  };
}
