import { describe, expect, it } from '@jest/globals';
import { DISABLE_AFTER_MS, type EndedAttempt, type EndpointHealth, healthAfter, isSpotless } from './endpoint-rules.js';

const urlOf = (name: string) => ({
  url: name,
  state: 'active' as const,
  failures: 0,
  timesEjected: 0,
  ejectedUntil: null,
});
const healthy = (...names: string[]): EndpointHealth => ({
  urls: (names.length > 0 ? names : ['a']).map(urlOf),
  breaker: 'closed',
  timesOpened: 0,
  windowStart: 0,
  okCount: 0,
  failCount: 0,
  heldUntil: null,
  failingSince: null,
  warnedAt: 0,
});
const ok = (url = 'a'): EndedAttempt => ({ outcome: 'ok', statusCode: 200, url, unreached: [] });
const failed = (statusCode = 500, url = 'a'): EndedAttempt => ({ outcome: 'http', statusCode, url, unreached: [] });
const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);
const SECOND = 1_000;

describe('the breaker of an endpoint', () => {
  it('opens at exactly ten attempts with seven failures, for half a minute', () => {
    const before = healthAfter(healthy(), [failed(), ok(), ok(), ok(), ...times(5, failed())], 0);
    expect(before.health.breaker).toBe('closed');
    const { health, events } = healthAfter(before.health, [failed()], SECOND);
    expect(health).toMatchObject({ breaker: 'open', heldUntil: 31 * SECOND });
    expect(events).toMatchObject([{ type: 'endpoint.failing', data: { reason: 'breaker_opened' } }]);
  });

  it('stays closed when failures are spread over more than its window, or the endpoint only asks to wait', () => {
    const first = healthAfter(healthy(), times(9, failed()), 0);
    expect(healthAfter(first.health, times(9, failed()), 301 * SECOND).health.breaker).toBe('closed');
    const asked = healthAfter(healthy(), times(20, failed(429)), 0);
    expect(asked.health).toMatchObject({ breaker: 'closed', heldUntil: 60 * SECOND });
  });

  it('stays open twice as long with each probe that fails, five minutes at most, and closes with the first success', () => {
    let { health } = healthAfter(healthy(), times(10, failed()), 0);
    const waits = [health.heldUntil];
    for (let probes = 0; probes < 5; probes += 1) {
      health = healthAfter({ ...health, breaker: 'half_open' }, [failed()], 0).health;
      waits.push(health.heldUntil);
    }
    expect(waits).toEqual([30, 60, 120, 240, 300, 300].map((seconds) => seconds * SECOND));
    const late = healthAfter(health, [failed()], 0);
    expect(late.health.heldUntil).toBe(300 * SECOND);
    const back = healthAfter({ ...health, breaker: 'half_open' }, [ok()], 0);
    expect(back.health).toMatchObject({ breaker: 'closed', heldUntil: null, timesOpened: 0, failingSince: null });
    expect(back.events).toMatchObject([{ type: 'endpoint.recovered' }]);
  });
});

describe('an endpoint', () => {
  it('that is well and goes on being well costs nothing', () => {
    expect(healthAfter(healthy(), times(50, ok()), 0).isChanged).toBe(false);
    expect(isSpotless(healthy())).toBe(true);
  });

  it('is disabled after 120 hours of nothing but failures, with a warning at 50, 70 and 90 per cent', () => {
    let { health } = healthAfter(healthy(), [failed()], 0);
    const told: unknown[] = [];
    for (let percent = 10; percent <= 100; percent += 10) {
      const next = healthAfter({ ...health, breaker: 'open' }, [failed()], (percent / 100) * DISABLE_AFTER_MS);
      health = next.health;
      told.push(...next.events.map(({ data }) => data['percent']), next.disabled);
    }
    expect(told.filter((one) => one !== undefined)).toEqual([50, 70, 90, 'failing']);
    const saved = healthAfter(health, [ok(), failed()], DISABLE_AFTER_MS * 2);
    expect(saved.disabled).toBeUndefined();
  });

  it('is disabled when its last URL is gone, or its address is refused', () => {
    const one = healthAfter(healthy('a', 'b'), [failed(410, 'a')], 0);
    expect([one.disabled, one.health.urls[0]!.state]).toEqual([undefined, 'gone']);
    expect(healthAfter(one.health, [failed(410, 'b')], 0).disabled).toBe('gone');
    const blocked: EndedAttempt = { outcome: 'blocked', url: 'a', unreached: [] };
    expect(healthAfter(healthy(), [blocked], 0).disabled).toBe('blocked');
  });
});

describe('the URLs of an endpoint', () => {
  it('are ejected after five failures in a row, longer each time, at most half of them', () => {
    const five = healthAfter(healthy('a', 'b', 'c'), times(5, failed(500, 'a')), 0);
    expect(five.health.urls[0]).toMatchObject({ failures: 5, ejectedUntil: 30 * SECOND });
    const both = healthAfter(five.health, times(5, failed(500, 'b')), 0);
    expect(both.health.urls[1]).toMatchObject({ failures: 5, ejectedUntil: null });
    const again = healthAfter(five.health, [failed(500, 'a')], 31 * SECOND);
    expect(again.health.urls[0]).toMatchObject({ ejectedUntil: 91 * SECOND });
    expect(healthAfter(again.health, [ok('a')], 0).health.urls[0]).toMatchObject({ failures: 0, ejectedUntil: null });
  });

  it('that could not be reached count although another took the delivery', () => {
    const { health } = healthAfter(healthy('a', 'b'), times(5, { ...ok('b'), unreached: ['a'] }), 0);
    expect(health.urls[0]).toMatchObject({ failures: 5, ejectedUntil: 30 * SECOND });
    expect(health.breaker).toBe('closed');
  });
});
