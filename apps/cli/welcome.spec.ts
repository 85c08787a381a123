import { describe, expect, it } from '@jest/globals';
import { startRunSchema, type Run } from '../../contracts/runs.js';
import { welcomeRun, welcomeStory } from './welcome.js';

const incidents = [
  { id: 'INC-1', title: 'Checkout down', text: 'It is down.' },
  { id: 'INC-2', title: 'Search slow', text: 'It is slow.' },
];
const found = {
  'language-id': { language: 'en' },
  'pii-scanner': { counts: { email: 2, phone: 1 } },
  triage: { severity: 'critical', category: 'availability' },
  summariser: { summary: 'The checkout is down.' },
};
const run = (changes: object) =>
  ({
    status: 'completed',
    output: [found, { ...found, 'pii-scanner': { counts: {} } }],
    acceptedAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.100Z',
    finishedAt: '2026-01-01T00:00:01.350Z',
    usage: { calls: 8 },
    contributions: [],
    error: null,
    ...changes,
  }) as unknown as Run;

describe('the welcome run', () => {
  it('is a start that the API takes, and summarises only what is free of personal data', () => {
    const start = startRunSchema.parse(welcomeRun(incidents));
    expect(start).toMatchObject({ pattern: 'concurrent', labels: { welcome: 'true' } });
    expect(JSON.stringify(start)).toContain('pii-scanner\\"].redacted');
  });

  it('is told in three lines for each incident', () => {
    expect(welcomeStory(incidents, run({}))).toEqual([
      'Welcome: 2 incident reports, 8 agent calls, 1.3 s, done.',
      '  INC-1 Checkout down',
      '    en · critical availability · personal data: 2 email, 1 phone',
      '    The checkout is down.',
      '  INC-2 Search slow',
      '    en · critical availability · personal data: none',
      '    The checkout is down.',
    ]);
  });

  it('says what is missing when it did not end well', () => {
    const error = { code: 'agent.failed', message: 'nobody answered' };
    expect(welcomeStory(incidents, run({ status: 'failed', output: null, usage: {}, error }))).toEqual([
      'Welcome: 2 incident reports, 0 agent calls, 1.3 s, failed: nobody answered.',
      '  INC-1 Checkout down: no result',
      '  INC-2 Search slow: no result',
    ]);
  });
});
