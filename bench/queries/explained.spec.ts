import { describe, expect, it } from '@jest/globals';
import { performedIn } from './explained.js';

const lines = (plan: object) => `\t${JSON.stringify(plan, null, 2).replaceAll('\n', '\n\t')}\n`;
const entry = (ms: string, text: string, plan: object) =>
  `2026-11-23 10:00:00.000 UTC [7] LOG:  duration: ${ms} ms  plan:\n${lines({ 'Query Text': text, Plan: plan })}`;

describe('the statements of a log', () => {
  it('have their time and the tables that they read whole, empty ones excepted; half a plan is none', () => {
    const append = {
      'Node Type': 'Append',
      'Total Cost': 9,
      Plans: [
        { 'Node Type': 'Seq Scan', 'Relation Name': 'run_event_2026_11', 'Total Cost': 8 },
        { 'Node Type': 'Seq Scan', 'Relation Name': 'run_event_2026_12', 'Total Cost': 0 },
        { 'Node Type': 'Index Scan', 'Relation Name': 'run', 'Total Cost': 1 },
      ],
    };
    const log =
      entry('12.5', 'SELECT\n  1', append) + entry('0.2', 'SELECT 2', { 'Node Type': 'Result', 'Total Cost': 0 });
    expect(performedIn(`${log}2026-11-23 10:00:01.000 UTC [7] LOG:  dura`)).toEqual([
      { text: 'SELECT 1', ms: 12.5, whole: ['run_event_2026_11'] },
      { text: 'SELECT 2', ms: 0.2, whole: [] },
    ]);
    expect(performedIn(log)).toHaveLength(1);
  });
});
