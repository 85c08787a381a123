import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Select } from '../contracts/calls.js';
import { matches } from './matches.js';
import { rank } from './rank.js';
import type { CandidateLoad } from './scorer.js';
import { Shortlist } from './shortlist.js';
import { TrackRecord } from './track-record.js';

const idle = (instanceId: string, change: Partial<CandidateLoad> = {}): CandidateLoad => ({
  instanceId,
  maxConcurrency: 4,
  inFlight: 0,
  queued: 0,
  load: null,
  latencyMs: null,
  successRate: null,
  ...change,
});
const order = (candidates: CandidateLoad[], select: Select, counter = 0) =>
  rank(candidates, select, { random: () => 0.5, counter }).map(({ candidate }) => candidate.instanceId);

describe('rank', () => {
  it('expected-completion prefers the faster instance until its queue makes it slower', () => {
    const slow = idle('slow', { latencyMs: 100 });
    expect(order([slow, idle('fast', { latencyMs: 60, inFlight: 3 })], 'expected-completion')).toEqual([
      'fast',
      'slow',
    ]);
    expect(order([slow, idle('fast', { latencyMs: 60, inFlight: 7 })], 'expected-completion')).toEqual([
      'slow',
      'fast',
    ]);
  });

  it('expected-completion counts a fast failure as slow', () => {
    const failing = idle('failing', { latencyMs: 10, successRate: 0 });
    expect(order([failing, idle('steady', { latencyMs: 100, successRate: 1 })], 'expected-completion')[0]).toBe(
      'steady',
    );
  });

  it('forgets a bad record of an instance that is not called any more', () => {
    const usual = idle('usual', { latencyMs: 100 });
    const bad = { latencyMs: 900, successRate: 0.5 };
    const [now, later] = [0, 60_000].map(
      (unheardMs) =>
        rank([usual, idle('bad', { ...bad, unheardMs })], 'expected-completion', { random: () => 0, counter: 0 })[1],
    );
    expect(now?.score).toBe(1_800);
    expect(later?.score).toBeLessThan(510);
  });

  it('gives an instance without a record the mean of the others', () => {
    const ranked = rank(
      [idle('new'), idle('a', { latencyMs: 50 }), idle('b', { latencyMs: 150 })],
      'expected-completion',
      {
        random: () => 0,
        counter: 0,
      },
    );
    expect(ranked.map(({ candidate, score }) => [candidate.instanceId, score])).toEqual([
      ['a', 50],
      ['new', 100],
      ['b', 150],
    ]);
    expect(ranked[1]?.reason).toContain('unknown, mean 100 ms');
  });

  it('least-busy goes by the share of slots, then by the load that the agent reports', () => {
    const big = idle('big', { maxConcurrency: 10, inFlight: 4 });
    expect(order([idle('small', { inFlight: 2 }), big], 'least-busy')).toEqual(['big', 'small']);
    expect(order([idle('hot', { load: 0.9 }), idle('cool', { load: 0.1 })], 'least-busy')).toEqual(['cool', 'hot']);
  });

  it('ewma-latency goes by the answers alone, however busy', () => {
    const fast = idle('fast', { latencyMs: 60, inFlight: 9 });
    expect(order([idle('slow', { latencyMs: 100 }), fast], 'ewma-latency')).toEqual(['fast', 'slow']);
  });

  it('lowest-cost goes by the price, then by who is done first; who declares none costs nothing', () => {
    const candidates = [
      idle('dear', { costUsd: 0.02, latencyMs: 1 }),
      idle('slow', { costUsd: 0.01, latencyMs: 900 }),
      idle('fast', { costUsd: 0.01, latencyMs: 90 }),
      idle('own', { costUsd: null, latencyMs: 5_000 }),
    ];
    expect(order(candidates, 'lowest-cost')).toEqual(['own', 'fast', 'slow', 'dear']);
  });

  it('round-robin takes turns whatever the order it is given', () => {
    const candidates = ['b', 'c', 'a'].map((id) => idle(id));
    expect([0, 1, 2, 3].map((counter) => order(candidates, 'round-robin', counter)[0])).toEqual(['a', 'b', 'c', 'a']);
  });

  it('random gives each instance its share', () => {
    const first = { a: 0, b: 0 };
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    for (let index = 0; index < 1_000; index++) {
      const [top] = rank([idle('a'), idle('b')], 'random', { random, counter: 0 });
      first[top?.candidate.instanceId as 'a' | 'b']++;
    }
    expect(Math.abs(first.a - first.b)).toBeLessThan(200);
  });

  it('ranks every candidate exactly once, by rising score, with a reason', () => {
    const load = fc.record({
      instanceId: fc.uuid(),
      maxConcurrency: fc.integer({ min: 1, max: 100 }),
      inFlight: fc.nat(200),
      queued: fc.nat(200),
      load: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      latencyMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
      successRate: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    });
    const policies: Select[] = [
      'expected-completion',
      'least-busy',
      'round-robin',
      'random',
      'ewma-latency',
      'lowest-cost',
    ];
    fc.assert(
      fc.property(
        fc.array(load, { maxLength: 30 }),
        fc.constantFrom(...policies),
        fc.nat(),
        (candidates, select, counter) => {
          const ranked = rank(candidates, select, { random: () => 0.3, counter });
          expect(new Set(ranked.map(({ candidate }) => candidate))).toEqual(new Set(candidates));
          expect(ranked).toHaveLength(candidates.length);
          for (const [index, { score, reason }] of ranked.entries()) {
            expect(Number.isFinite(score)).toBe(true);
            expect(score).toBeGreaterThanOrEqual(ranked[index - 1]?.score ?? 0);
            expect(reason).not.toBe('');
          }
        },
      ),
    );
  });
});

describe('a shortlist', () => {
  const context = { random: () => 0.9, counter: 1 };
  const candidates = [
    idle('a', { latencyMs: 90 }),
    idle('b', { latencyMs: 50, inFlight: 2 }),
    idle('c', { latencyMs: 70 }),
  ];
  const policies: Select[] = ['expected-completion', 'least-busy', 'round-robin', 'ewma-latency', 'lowest-cost'];
  const choose = (from: CandidateLoad[], select: Select, free: (one: CandidateLoad) => boolean = () => true) =>
    new Shortlist(from, select, context.random).choose(context.counter, free);

  it.each(policies)('gives the first of rank by %s', (select) => {
    expect(choose(candidates, select)).toBe(rank(candidates, select, context)[0]?.candidate);
  });

  it('gives the first of rank among the free ones, however busy the candidates have become since it was made', () => {
    const now = fc.record({
      maxConcurrency: fc.integer({ min: 1, max: 8 }),
      inFlight: fc.nat(12),
      load: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      latencyMs: fc.option(fc.integer({ min: 1, max: 500 })),
      successRate: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      free: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(now, { maxLength: 30 }),
        fc.constantFrom(...policies),
        fc.nat(),
        (loads, select, counter) => {
          const known = loads.map((load, at) => ({
            ...idle(String(at).padStart(2, '0'), load),
            inFlight: 0,
            free: load.free,
          }));
          const shortlist = new Shortlist(known, select, Math.random);
          for (const [at, candidate] of known.entries()) candidate.inFlight = loads[at]?.inFlight ?? 0;
          const ranked = rank(known, select, { random: Math.random, counter }).filter(
            ({ candidate }) => candidate.free,
          );
          const chosen = shortlist.choose(counter, ({ free }) => free);
          const scoreOf = (candidate: CandidateLoad | undefined) =>
            ranked.find((one) => one.candidate === candidate)?.score;
          expect(scoreOf(chosen)).toBe(ranked[0]?.score);
        },
      ),
    );
  });

  it('passes over those that are not free', () => {
    const onlyA = ({ instanceId }: CandidateLoad) => instanceId === 'a';
    for (const select of [...policies, 'random'] as const)
      expect(choose(candidates, select, onlyA)?.instanceId).toBe('a');
    for (const select of [...policies, 'random'] as const)
      expect(choose(candidates, select, () => false)).toBeUndefined();
  });

  describe('by expected-completion', () => {
    const busy = (id: string, latencyMs: number) => idle(id, { latencyMs, inFlight: 4 });
    const waitOf = (from: CandidateLoad[], place = 1, select: Select = 'expected-completion') => {
      const shortlist = new Shortlist(from, select, () => 0);
      const free = ({ inFlight, maxConcurrency }: CandidateLoad) => inFlight < maxConcurrency;
      const best = shortlist.choose(0, free) as CandidateLoad;
      const wait = shortlist.worthWaiting(best, place, { free, willing: ({ instanceId }) => instanceId !== 'away' });
      return wait && [wait.wanted.map(({ instanceId }) => instanceId), wait.waitMs];
    };

    it('waits for much faster ones that are busy, as long as the call would be over sooner', () => {
      expect(waitOf([busy('fast', 40), idle('slow', { latencyMs: 400 }), busy('slower', 900)])).toEqual([
        ['fast'],
        360,
      ]);
    });

    it('takes the slower one when too many wait already, or it is hardly slower', () => {
      expect(waitOf([busy('fast', 40), idle('slow', { latencyMs: 400 })], 13)).toBeUndefined();
      expect(waitOf([busy('fast', 40), idle('slow', { latencyMs: 45 })])).toBeUndefined();
    });

    it('waits for nobody who would not take the call, and by no other policy', () => {
      const slow = idle('slow', { latencyMs: 400 });
      expect(waitOf([busy('away', 40), slow])).toBeUndefined();
      expect(waitOf([busy('fast', 40), slow], 1, 'least-busy')).toBeUndefined();
    });
  });

  it('goes by what the caller has seen rather than by what is told', () => {
    const record = new TrackRecord();
    for (let call = 0; call < 20; call += 1) record.learn(true, 500, 0);
    const told = idle('told', { latencyMs: 100 });
    expect(order([idle('seen', { latencyMs: 20, record }), told], 'expected-completion')).toEqual(['told', 'seen']);
    for (let call = 0; call < 50; call += 1) record.learn(false, 1, 0);
    const [seen] = rank([idle('seen', { record })], 'expected-completion', { random: () => 0, counter: 0 });
    expect(seen?.reason).toContain('success 30 %');
  });

  it('decides a tie at random', () => {
    const draws = (values: number[]) => () => values.shift() ?? 0;
    const winner = (values: number[]) =>
      new Shortlist([idle('a'), idle('b')], 'least-busy', draws(values)).choose(0, () => true)?.instanceId;
    expect([winner([0.1, 0.9]), winner([0.9, 0.1])]).toEqual(['a', 'b']);
  });

  it.each(['expected-completion', 'least-busy'] as const)(
    'spreads as many calls as there are instances over all of them by %s, though some are a little faster',
    (select) => {
      const many = Array.from({ length: 100 }, (_, at) => idle(String(at), { latencyMs: 100 + (at % 20) }));
      const shortlist = new Shortlist(many, select, Math.random);
      for (let call = 0; call < 100; call += 1) {
        const chosen = shortlist.choose(call, ({ inFlight, maxConcurrency }) => inFlight < maxConcurrency);
        if (chosen) chosen.inFlight += 1;
      }
      expect(many.every(({ inFlight }) => inFlight === 1)).toBe(select === 'least-busy');
      expect(many.filter(({ inFlight }) => inFlight === 0).length).toBeLessThan(40);
    },
  );
});

describe('matches', () => {
  const agent = { version: '1.4.0', labels: { tier: 'gold', zone: 'eu' } };
  it('wants every named label and a version in the range', () => {
    expect(matches(agent, {})).toBe(true);
    expect(matches(agent, { labels: { tier: 'gold' }, version: '^1.2.0' })).toBe(true);
    expect(matches(agent, { labels: { tier: 'silver' } })).toBe(false);
    expect(matches(agent, { labels: { other: 'x' } })).toBe(false);
    expect(matches(agent, { version: '^2.0.0' })).toBe(false);
  });
});
