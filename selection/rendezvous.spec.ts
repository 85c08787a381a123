import { describe, expect, it } from '@jest/globals';
import type { CandidateLoad } from './scorer.js';
import { rendezvous } from './rendezvous.js';

const candidates = (count: number): CandidateLoad[] =>
  Array.from({ length: count }, (_, at) => ({
    instanceId: `instance-${at}`,
    maxConcurrency: 4,
    inFlight: 0,
    queued: 0,
    load: null,
    latencyMs: null,
    successRate: null,
  }));
const anybody = () => true;
const keys = Array.from({ length: 2_000 }, (_, at) => `customer-${at}`);
const idOf = (from: CandidateLoad[], key: string) => rendezvous(from, key, anybody)?.instanceId;

describe('who serves a key', () => {
  it('is the same each time, whatever the order of the candidates', () => {
    const ten = candidates(10);
    for (const key of keys.slice(0, 50)) expect(idOf(ten.toReversed(), key)).toBe(idOf(ten, key));
  });

  it('changes only for the keys of an instance that is gone', () => {
    const ten = candidates(10);
    const without = ten.slice(1);
    const moved = keys.filter((key) => idOf(ten, key) !== idOf(without, key));
    expect(moved.every((key) => idOf(ten, key) === 'instance-0')).toBe(true);
    expect(moved.length).toBeGreaterThan(100);
  });

  it('is everybody in equal parts', () => {
    const ten = candidates(10);
    const counts = new Map<string | undefined, number>();
    for (const key of keys) counts.set(idOf(ten, key), (counts.get(idOf(ten, key)) ?? 0) + 1);
    expect(counts.size).toBe(10);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(60);
  });

  it('is nobody with more than 1.25 times the mean work', () => {
    const four = candidates(4);
    for (let call = 0; call < 6; call += 1) {
      const chosen = rendezvous(four, 'one key', ({ inFlight, maxConcurrency }) => inFlight < maxConcurrency);
      if (chosen) chosen.inFlight += 1;
    }
    expect(Math.max(...four.map(({ inFlight }) => inFlight))).toBe(2);
  });

  it('is whoever is free when all others have their share, and nobody when nobody is', () => {
    const two = candidates(2);
    two[0]!.inFlight = 3;
    const first = ({ instanceId }: CandidateLoad) => instanceId === 'instance-0';
    expect(rendezvous(two, 'x', first)?.instanceId).toBe('instance-0');
    expect(rendezvous(two, 'x', () => false)).toBeUndefined();
  });
});
