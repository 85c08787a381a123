import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Recovery, RECOVERIES } from '../../contracts/pools.js';
import { type MemberView, planPool, type PoolView, wantedMembers } from './pool-plan.js';
import { RestartPace } from './restart-pace.js';
import { Throughput } from './throughput.js';

let order = 0;
const member = (id: string, extra: Partial<MemberView> = {}): MemberView => ({
  id,
  state: 'ready',
  isReady: extra.state !== 'starting',
  isSick: false,
  isOutdated: false,
  inFlight: 0,
  order: (order += 1),
  ...extra,
});
const pool = (members: MemberView[], extra: Partial<PoolView> = {}): PoolView => ({
  size: 2,
  min: 1,
  backups: 0,
  recovery: 'restart',
  lost: 0,
  mayStart: true,
  members,
  ...extra,
});
const nothing = { start: 0, startBackups: 0, wake: [], drain: [], kill: [] };

describe('the next steps of a pool', () => {
  it('are none when it is as it is to be', () => {
    expect(planPool(pool([member('a'), member('b', { state: 'starting' })]))).toEqual(nothing);
  });

  it('start what is missing, unless starts have to wait', () => {
    expect(planPool(pool([member('a')], { size: 3, backups: 1 }))).toEqual({ ...nothing, start: 2, startBackups: 1 });
    expect(planPool(pool([member('a')], { size: 3, backups: 1, mayStart: false }))).toEqual(nothing);
  });

  it('drain those first that are not ready, then those with least to do, then the newest', () => {
    const members = [
      member('busy', { inFlight: 2 }),
      member('old'),
      member('new'),
      member('young', { state: 'starting' }),
    ];
    expect(planPool(pool(members, { size: 1 })).drain).toEqual(['young', 'new', 'old']);
    expect(planPool(pool(members, { size: 3 })).drain).toEqual(['young']);
  });

  it('do not count on those that drain', () => {
    expect(planPool(pool([member('a'), member('b', { state: 'draining' })]))).toEqual({ ...nothing, start: 1 });
  });

  it('wake a warm backup before anything is started, and start another backup', () => {
    const spare = member('spare', { state: 'backup' });
    const cold = member('cold', { state: 'backup', isReady: false });
    const failover = { recovery: 'failover' as const, backups: 2 };
    expect(planPool(pool([member('a'), cold, spare], failover))).toEqual({
      ...nothing,
      wake: ['spare'],
      startBackups: 1,
    });
    expect(planPool(pool([member('a'), member('b'), cold, spare], failover))).toEqual(nothing);
    expect(planPool(pool([member('a'), member('b'), cold, spare], { backups: 1 })).drain).toEqual(['cold']);
  });

  it('end one that hangs at once, and under replacement once another stands in for it', () => {
    const hanging = member('hanging', { isSick: true });
    expect(planPool(pool([member('a'), hanging]))).toEqual({ ...nothing, start: 1, kill: ['hanging'] });
    const replacement = { recovery: 'replacement' as const };
    expect(planPool(pool([member('a'), hanging], replacement))).toEqual({ ...nothing, start: 1 });
    const young = member('young', { state: 'starting' });
    expect(planPool(pool([member('a'), hanging, young], replacement))).toEqual(nothing);
    expect(planPool(pool([member('a'), hanging, member('b')], replacement)).kill).toEqual(['hanging']);
  });

  it('go on with fewer under degraded_mode, down to min', () => {
    const degraded = (lost: number) => ({ size: 4, min: 2, recovery: 'degraded_mode' as const, lost });
    const [a, b, c] = [member('a'), member('b'), member('c')];
    expect(planPool(pool([a, b, c], degraded(1)))).toEqual(nothing);
    expect(planPool(pool([a], degraded(3)))).toEqual({ ...nothing, start: 1 });
    expect(wantedMembers({ ...degraded(9), min: 0 })).toBe(1);
  });

  it('bring members to a new template: the new ones first', () => {
    const old = [member('a', { isOutdated: true }), member('b', { isOutdated: true })];
    expect(planPool(pool(old))).toEqual({ ...nothing, start: 2 });
    const fresh = [member('c'), member('d')];
    expect(planPool(pool([...old, ...fresh])).drain).toEqual(['a', 'b']);
  });

  it('lead to what is wanted from anywhere, in a few looks, and never below it while members are sound', () => {
    const states = fc.constantFrom<MemberView['state']>('starting', 'ready', 'backup', 'draining');
    const members = fc.array(fc.record({ state: states, isSick: fc.boolean(), isOutdated: fc.boolean() }), {
      maxLength: 8,
    });
    const recovery = fc.constantFrom<Recovery>(...RECOVERIES);
    fc.assert(
      fc.property(members, fc.nat(6), fc.nat(2), recovery, (given, size, backups, how) => {
        let now = given.map((one, place) => member(`m${place}`, one));
        const view = () => pool(now, { size, backups, recovery: how });
        for (let look = 0; look < 6; look += 1) {
          const plan = planPool(view());
          const gone = new Set([...plan.drain, ...plan.kill]);
          const started = Array.from({ length: plan.start + plan.startBackups }, (_, place) =>
            member(`n${look}-${place}`, place < plan.start ? {} : { state: 'backup' }),
          );
          now = [...now.filter(({ id, state }) => !gone.has(id) && state !== 'draining'), ...started].map((one) => ({
            ...one,
            state: plan.wake.includes(one.id) || one.state === 'starting' ? 'ready' : one.state,
            isReady: true,
          }));
        }
        expect(planPool(view())).toEqual(nothing);
        const count = (state: MemberView['state']) => now.filter((one) => one.state === state).length;
        expect([count('ready'), count('backup')]).toEqual([size, backups]);
      }),
    );
  });
});

describe('the pace of restarts', () => {
  it('doubles from 0.2 s to a minute, is a crash loop at the fifth failure, and begins anew with one that lasts', () => {
    const pace = new RestartPace();
    expect([pace.mayStart(0), pace.reason(0)]).toEqual([true, undefined]);
    const waits = Array.from({ length: 12 }, () => {
      pace.failed(0, 10, false, 'ended with code 1: no such port');
      return pace.waitMs(0);
    });
    expect(waits.slice(0, 5)).toEqual([200, 400, 800, 1_600, 3_200]);
    expect(waits.at(-1)).toBe(60_000);
    expect(pace.isCrashLoop).toBe(true);
    expect(pace.reason(1_000)).toBe(
      'the last 12 processes failed: ended with code 1: no such port; the next may start in 59 s',
    );
    pace.lives(29_999);
    expect(pace.isCrashLoop).toBe(true);
    pace.lives(30_000);
    expect([pace.isCrashLoop, pace.mayStart(0)]).toEqual([false, true]);
  });

  it('does not hold up the successor of one that has served for long', () => {
    const pace = new RestartPace();
    pace.failed(0, 40_000, true, 'ended by SIGKILL');
    expect([pace.mayStart(0), pace.isCrashLoop]).toEqual([true, false]);
    pace.failed(0, 40_000, false, 'not ready in time');
    expect(pace.mayStart(0)).toBe(false);
  });
});

describe('throughput', () => {
  it('is of the last ten seconds, and begins anew when the counted members change', () => {
    const throughput = new Throughput();
    expect(throughput.next(0, 100)).toBe(0);
    expect(throughput.next(5_000, 150)).toBe(10);
    expect(throughput.next(20_000, 150)).toBe(0);
    expect(throughput.next(21_000, 30)).toBe(0);
    expect(throughput.next(22_000, 32)).toBe(2);
  });
});
