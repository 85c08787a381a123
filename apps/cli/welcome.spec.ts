import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../contracts/events.js';
import { PATTERNS } from '../../contracts/patterns.js';
import { startRunSchema, type Run } from '../../contracts/runs.js';
import { welcomeRun } from './welcome-run.js';
import { welcomeStory } from './welcome.js';

const incidents = [
  { id: 'INC-1', title: 'Checkout down', text: 'It is down.' },
  { id: 'INC-2', title: 'Search slow', text: 'It is slow.' },
];
const report = {
  title: 'Checkout down',
  severity: 'high',
  summary: 'It is down.',
  cause: 'Nobody knows.',
  measures: ['Look.', 'Look again.'],
};
const run = (changes: object) =>
  ({
    status: 'completed',
    output: { triage: { id: 'INC-1' }, report },
    acceptedAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.100Z',
    finishedAt: '2026-01-01T00:00:01.350Z',
    usage: { calls: 8 },
    contributions: [],
    error: null,
    ...changes,
  }) as unknown as Run;
const events = [
  ['run.accepted', { pattern: 'sequential' }],
  ['decision', { what: 'eligible', rule: 'r', path: '/steps/measures', candidates: ['a', 'b'], chosen: ['a'] }],
  ['run.finished', { status: 'completed', terminationReason: 'done' }],
].map(
  ([type, data], index) => ({ position: index + 1, at: '2026-01-01T00:00:00Z', type, data }) as unknown as RunEvent,
);

describe('the welcome run', () => {
  it('is a start that the API takes, of patterns within patterns', () => {
    const start = startRunSchema.parse(welcomeRun(incidents));
    expect(start).toMatchObject({ pattern: 'sequential', labels: { welcome: 'true' }, input: { reports: incidents } });
    const patterns = [...JSON.stringify(start).matchAll(/"pattern":"(\w+)"/g)].map(([, pattern]) => pattern);
    expect(new Set(patterns)).toEqual(new Set(PATTERNS.filter((name) => name !== 'agent')));
  });

  it('is told with what happened in each step and what came out', () => {
    expect(welcomeStory(incidents, run({}), events)).toEqual([
      'Welcome: 2 incident reports, patterns within patterns, 8 agent calls, 1.3 s, done.',
      '  measures  1 of 2 agents may bid',
      '',
      '  INC-1 Checkout down (high)',
      '    What happened  It is down.',
      '    Why            Nobody knows.',
      '    Measures       Look.',
      '                   Look again.',
      '',
    ]);
  });

  it('says what is missing when it did not end well', () => {
    const error = { code: 'agent.failed', message: 'nobody answered' };
    expect(welcomeStory(incidents, run({ status: 'failed', output: null, usage: {}, error }), [])).toEqual([
      'Welcome: 2 incident reports, patterns within patterns, 0 agent calls, 1.3 s, failed: nobody answered.',
    ]);
  });
});
