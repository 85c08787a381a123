import { describe, expect, it } from '@jest/globals';
import { Ejections } from './ejections.js';
import { TrackRecord } from './track-record.js';

const peers = ['a', 'b', 'c', 'd'].map((instanceId) => ({ instanceId }));
const fail = (ejections: Ejections, id: string, times = 3) => {
  for (let call = 0; call < times; call += 1) ejections.report(id, true);
};
const out = (ejections: Ejections, candidates = peers) => [...(ejections.among(candidates) ?? [])];

describe('ejections', () => {
  it('pass over who failed three times in a row, and nobody sooner', () => {
    const ejections = new Ejections(() => 0);
    fail(ejections, 'a', 2);
    ejections.report('a', false);
    fail(ejections, 'a', 2);
    expect(ejections.among(peers)).toBeUndefined();
    ejections.report('a', true);
    expect(out(ejections)).toEqual(['a']);
  });

  it('last longer each time, at most a minute, and begin anew after a minute in good health', () => {
    let now = 0;
    const ejections = new Ejections(() => now);
    const lasts = () => {
      const from = now;
      fail(ejections, 'a');
      while (ejections.among(peers)) now += 500;
      return now - from;
    };
    expect([lasts(), lasts(), lasts()]).toEqual([5_000, 10_000, 15_000]);
    for (let time = 0; time < 20; time += 1) lasts();
    expect(lasts()).toBe(60_000);
    now += 61_000;
    ejections.report('a', false);
    expect(lasts()).toBe(5_000);
  });

  it('count what was under way once', () => {
    let now = 0;
    const ejections = new Ejections(() => now);
    fail(ejections, 'a', 12);
    now = 5_000;
    expect(ejections.among(peers)).toBeUndefined();
  });

  it('never concern more than half of the candidates: then nobody is passed over', () => {
    const ejections = new Ejections(() => 0);
    fail(ejections, 'a');
    fail(ejections, 'b');
    expect(out(ejections)).toEqual(['a', 'b']);
    fail(ejections, 'c');
    expect(ejections.among(peers)).toBeUndefined();
    expect(ejections.among([{ instanceId: 'a' }])).toBeUndefined();
    expect(out(ejections, [...peers, { instanceId: 'e' }, { instanceId: 'f' }])).toEqual(['a', 'b', 'c']);
  });

  it('pass over who succeeds far less often than its peers, once for what it did', () => {
    let now = 0;
    const ejections = new Ejections(() => now);
    const candidates = peers.map(({ instanceId }) => ({ instanceId, record: new TrackRecord() }));
    for (const [place, { record }] of candidates.entries())
      for (let call = 0; call < 20; call += 1) record.learn(place > 0 || call % 2 === 0, 10, now);
    ejections.compare(candidates);
    expect(out(ejections)).toEqual(['a']);
    now = 5_000;
    ejections.compare(candidates);
    expect(ejections.among(candidates)).toBeUndefined();
  });

  it('spare those that are all as bad as one another', () => {
    const ejections = new Ejections(() => 0);
    const candidates = peers.map(({ instanceId }) => ({ instanceId, record: new TrackRecord() }));
    for (const { record } of candidates) for (let call = 0; call < 20; call += 1) record.learn(call % 3 === 0, 10, 0);
    ejections.compare(candidates);
    expect(ejections.among(candidates)).toBeUndefined();
  });
});
