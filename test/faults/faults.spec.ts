import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { upperBound } from './binomial.js';
import type { Books } from './books.js';
import { Cluster } from './cluster.js';
import { Load } from './load.js';
import { OutsideWorld } from './outside-world.js';
import { describeFault, planFaults } from './schedule.js';

const SEEDS = (process.env.BRIKK_FAULT_SEEDS ?? '1').split(',').map(Number);
const LOAD_MS = Number(process.env.BRIKK_FAULT_SECONDS ?? 20) * 1_000;
/** Nothing passes by failing. */
const LEAST_COMPLETED = 0.995;

jest.setTimeout(LOAD_MS + 300_000);

describe('a mixed load while processes die and links break', () => {
  const opened: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });
  const opening = async <T>(made: Promise<T>, close: (it: T) => Promise<unknown>): Promise<T> => {
    const one = await made;
    opened.push(() => close(one));
    return one;
  };

  it.each(SEEDS)('loses nothing and repeats nothing that was recorded, with seed %d', async (seed) => {
    const plan = planFaults(seed, LOAD_MS);
    say(`seed ${seed}, ${LOAD_MS / 1_000} s\n${plan.map(describeFault).join('\n')}`);

    const world = await opening(OutsideWorld.open(), (it) => it.close());
    const cluster = await opening(Cluster.up(world.behind.url), (it) => it.down());
    await world.introduceTo(cluster.brikk, cluster.agentUrl);

    const load = new Load(cluster.apiUrls, cluster.key);
    const driven = load.drive();
    const begun = performance.now();
    const struck = plan.map(async ({ atMs, fault }) => {
      await sleep(Math.max(0, atMs - (performance.now() - begun)));
      await cluster.strike(fault);
    });
    await Promise.all([sleep(LOAD_MS), ...struck]);
    load.stop();
    await driven;

    const books = await world.settle(load, cluster.ownerUrl);
    say(summary(books, load));
    expect(books.broken).toEqual([]);
    expect(books.completed / books.runs).toBeGreaterThanOrEqual(LEAST_COMPLETED);
  });
});

function summary({ runs, completed, calls, effects, webhooks, late, broken }: Books, { probes }: Load): string {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  const lost = probes.asked - probes.answered;
  return [
    `${runs} runs accepted, ${completed} completed (${percent(completed / runs)}); ${calls} agent calls, ${effects} effects, ${webhooks} webhooks`,
    `calls that another worker was about to make when their result came on record: ${late}`,
    `broken promises: ${broken.length}; at most ${percent(upperBound(broken.length, runs))} of runs with 95 % confidence`,
    `one of the two APIs answered ${probes.answered} of ${probes.asked} probes; at most ${percent(upperBound(lost, probes.asked))} unavailable with 95 % confidence`,
  ].join('\n');
}

/** Past jest, which would print where each line was printed. */
const say = (text: string) => process.stderr.write(`\n${text}\n`);
