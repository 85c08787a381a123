import { describe, expect, it } from '@jest/globals';
import { describeFault, LINKS, planFaults, PROCESSES } from './schedule.js';

const MINUTE = 60_000;

describe('a schedule of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(planFaults(7, MINUTE)).toEqual(planFaults(7, MINUTE));
    expect(planFaults(7, MINUTE)).not.toEqual(planFaults(8, MINUTE));
  });

  it('strikes every process and every link in every way within twenty seeds, and never asks Postgres to wait', () => {
    const plans = Array.from({ length: 20 }, (_, seed) => planFaults(seed + 1, MINUTE)).flat();
    const said = new Set(
      plans.map((planned) =>
        describeFault(planned)
          .replace(/^.* s {2}/, '')
          .replace(/ for \d+ ms$/, ''),
      ),
    );
    for (const name of PROCESSES) for (const kind of ['kill', 'freeze']) expect(said).toContain(`${kind} ${name}`);
    for (const link of LINKS)
      for (const kind of ['latency 150', 'bandwidth 50000', 'reset', 'black hole', 'half-open', 'lost answers'])
        expect(said).toContain(`${link}: ${kind}`);
    expect(said).not.toContain('terminate postgres');
    expect(said).toContain('terminate worker');
  });

  it('ends with the load', () => {
    const plan = planFaults(3, 10_000);
    expect(plan.length).toBeGreaterThan(2);
    expect(Math.max(...plan.map(({ atMs }) => atMs))).toBeLessThan(10_000);
  });
});
