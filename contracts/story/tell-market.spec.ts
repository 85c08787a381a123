import { describe, expect, it } from '@jest/globals';
import { type StoryEvent, tellRun } from './story.js';

const decision = (what: string, more: object): Omit<StoryEvent, 'position'> => ({
  at: '2026-01-01T00:00:00.000Z',
  type: 'decision',
  data: { what, rule: 'rule', path: '/', ...more },
});
const texts = (...events: Omit<StoryEvent, 'position'>[]) =>
  tellRun(events.map((event, index) => ({ ...event, position: index + 1 }))).lines.map(({ text }) => text);

describe('the story of a market', () => {
  it('tells how an exchange was cleared, and what became of what is left', () => {
    const trades = [
      { item: 0, agent: 'x', units: 1 },
      { item: 2, agent: 'x', units: 2 },
    ];
    const scores = { items: 3, traded: 2, trades, left: [1], lossAtMostUsd: 0.5 };
    expect(
      texts(
        decision('clearing', { candidates: ['x', 'y'], scores, chosen: 1.5 }),
        decision('next best', { scores: { item: 2 }, chosen: 'y' }),
        decision('left over', { rule: 'raiseReserve', chosen: [1] }),
        decision('left over', { rule: 'widen', chosen: [1] }),
        decision('clearing', { candidates: ['x'], scores: { items: 1 }, chosen: null }),
      ),
    ).toEqual([
      '2 of 3 items traded at $1.50 a unit: 2 to x; 1 offer not taken; left over: items/1; at most $0.50 from the best match',
      'items/2 goes to y, the next best offer',
      'left over, their limits rise by half: items/1',
      'left over, everyone is asked: items/1',
      'none of 1 item traded: no offer meets a limit',
    ]);
  });

  it('tells how solvers came to an answer', () => {
    const round = (number: number, changed: string[], verdict: string, more: object = {}) =>
      decision('solve round', {
        candidates: ['x', 'y', 'z'],
        scores: { round: number, answered: 2, changed, answers: [{ solver: 'z', failed: 'no luck' }], verdict },
        chosen: null,
        ...more,
      });
    expect(
      texts(
        round(1, ['x', 'y'], 'on'),
        round(2, ['x'], 'no improvement', { chosen: 'x' }),
        decision('compile', {
          candidates: [
            { solver: 'x', round: 2 },
            { solver: 'y', round: 1 },
          ],
        }),
      ),
    ).toEqual([
      'round 1: 2 of 3 solvers answered; z failed',
      'round 2: x changed its answer; z failed; x leads; it is no better than before',
      'compiled of the answers of x (round 2) and y (round 1)',
    ]);
  });
});
