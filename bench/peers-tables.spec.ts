import { describe, expect, it } from '@jest/globals';
import { type Outcome, tablesOf } from './peers-tables.js';

const outcome = (rest: Partial<Outcome>): Outcome => ({ rows: [], cpu: [], node: '20', durability: 'a disk', ...rest });

const figuresOf = (one: Outcome) =>
  tablesOf(new Map([['Peer 1.0', one]]), 50)['the same work, medians over the rounds'];

describe('the tables of peers', () => {
  it('take medians over the rounds', () => {
    const rows = [{ ms: 3 }, { ms: 1 }, { ms: 2 }];
    expect(figuresOf(outcome({ rows }))).toEqual({ 'Peer 1.0': { ms: 2 } });
  });

  it('say in one line why a peer did not start, and show no figure for it', () => {
    const reason = `npm ci failed:\n  ${'x'.repeat(900)}`;
    const line = figuresOf(outcome({ reason }))?.['Peer 1.0'];
    expect(Object.keys(line ?? {})).toEqual(['why not']);
    expect(line?.['why not']).toMatch(/^npm ci failed: x{100,190}$/);
  });

  it('keep what was measured before a peer failed, and whole rounds before parts of one', () => {
    const failed = { begun: { ms: 9 }, reason: 'it ended' };
    expect(figuresOf(outcome(failed))).toEqual({ 'Peer 1.0': { ms: 9, 'why not': 'it ended' } });
    expect(figuresOf(outcome({ ...failed, rows: [{ ms: 3, runs: 5 }] }))).toEqual({
      'Peer 1.0': { ms: 3, runs: 5, 'why not': 'it ended' },
    });
  });

  it('count the processor time of everything but the agents', () => {
    const tables = tablesOf(new Map([['Peer 1.0', outcome({ cpu: [{ peer: 2, postgres: 1, agents: 7 }] })]]), 50);
    expect(tables['CPU milliseconds per agent call, 50 clients']).toEqual({
      'Peer 1.0': { peer: 2, postgres: 1, agents: 7, 'without agents': 3 },
    });
  });
});
