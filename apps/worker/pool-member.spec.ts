import { describe, expect, it } from '@jest/globals';
import { Member } from './pool-member.js';
import type { PoolProcess } from './pool-process.js';

/** A process that does nothing but note what it is told. */
function member(isReady = true) {
  const signals: string[] = [];
  const process: PoolProcess = {
    pid: 1,
    ready: isReady ? { url: 'http://127.0.0.1:9', instanceId: 'i', afterMs: 1 } : undefined,
    ended: undefined,
    exited: new Promise(() => undefined),
    stop: (signal) => void signals.push(signal),
  };
  return { signals, member: new Member(process, false, 1, 0) };
}
const well = (inFlight: number) => ({ isWell: true, inFlight });

describe('a member of a pool', () => {
  it('hangs once it has missed five answers in a row, or its lease has ended', () => {
    const { member: one } = member();
    const isSick = () => one.view(1, 0).isSick;
    for (let n = 0; n < 4; n += 1) one.heard({ isWell: false });
    one.heard(well(0));
    for (let n = 0; n < 4; n += 1) one.heard({ isWell: false });
    expect(isSick()).toBe(false);
    one.heard({ isWell: false });
    expect(isSick()).toBe(true);
    one.heard(well(0));
    one.isExpired = true;
    expect(isSick()).toBe(true);
  });

  it('is told to end when it has had nothing in hand for two looks, and killed when it does not follow', () => {
    const { member: one, signals } = member();
    one.heard(well(1));
    one.beginDrain(0);
    for (let now = 1_000; now < 60_000; now += 1_000) one.drainOn(now, 300_000);
    one.heard(well(0));
    one.drainOn(60_000, 300_000);
    expect(signals).toEqual([]);
    one.drainOn(61_000, 300_000);
    one.drainOn(71_000, 300_000);
    expect(signals).toEqual(['SIGTERM']);
    one.drainOn(72_000, 300_000);
    expect(signals).toEqual(['SIGTERM', 'SIGKILL']);
  });

  it('is told to end at once when it serves nobody yet, and after its time in any case', () => {
    const young = member(false);
    young.member.beginDrain(0);
    young.member.drainOn(0, 300_000);
    expect(young.signals).toEqual(['SIGTERM']);
    const busy = member();
    busy.member.heard(well(1));
    busy.member.beginDrain(0);
    busy.member.drainOn(300_000, 300_000);
    expect(busy.signals).toEqual(['SIGTERM']);
  });

  it('is seen as what it is: starting, ready, a backup, draining; and outdated by its template', () => {
    const { member: one } = member();
    expect([one.view(1, 0).state, one.toKeep().state, one.view(2, 0).isOutdated]).toEqual(['ready', 'ready', true]);
    one.isBackup = true;
    expect([one.view(1, 0).state, one.toKeep().state]).toEqual(['backup', 'backup']);
    one.beginDrain(0);
    expect([one.view(1, 0).state, one.toKeep().state]).toEqual(['draining', 'draining']);
    const { member: young } = member(false);
    expect([young.view(1, 0).state, young.toKeep().state]).toEqual(['starting', 'starting']);
  });
});
