import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import { PATTERNS, type PatternName } from '../../contracts/patterns.js';
import type { Run } from '../../contracts/runs.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { until } from '../support/until.js';
import { amountOf, answerTo, type Cast, playedBy } from '../support/pattern-house.js';

jest.setTimeout(120_000);

/** What becomes of each pattern, and how much of its output there is. */
interface Expected {
  /** One of three agents fails. */
  one: [Run['status'], number];
  /** The last of three agents never answers: calls that the others have done, and what came of them. */
  silent: [number, number];
  /** US dollars, each call costs one; and what they bought. */
  budget: [number, number];
}

const EXPECTED: Record<PatternName, Expected> = {
  agent: { one: ['completed', 1], silent: [0, 0], budget: [0.5, 0] },
  sequential: { one: ['completed', 1], silent: [2, 1], budget: [2, 1] },
  concurrent: { one: ['partial', 2], silent: [2, 2], budget: [2, 2] },
  workers: { one: ['partial', 2], silent: [2, 2], budget: [2, 2] },
  consensus: { one: ['completed', 1], silent: [2, 0], budget: [2, 0] },
  market: { one: ['completed', 1], silent: [1, 0], budget: [3, 0] },
  blackboard: { one: ['partial', 2], silent: [2, 2], budget: [2, 2] },
  plan: { one: ['completed', 1], silent: [2, 1], budget: [2, 1] },
  handoff: { one: ['failed', 1], silent: [1, 1], budget: [1, 1] },
  groupChat: { one: ['partial', 1], silent: [2, 1], budget: [2, 1] },
  hierarchy: { one: ['partial', 1], silent: [3, 2], budget: [3, 2] },
  adaptive: { one: ['completed', 1], silent: [0, 0], budget: [0.5, 0] },
};

const never = () => new Promise<Json>(() => undefined);
const fail = (): Json => {
  throw new Error('not today');
};

describe('every pattern over real agents', () => {
  let brikk: LaunchedBrikk;
  const listening: CountingAgent[] = [];
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
  });
  afterAll(async () => {
    await brikk?.down();
    await Promise.all(listening.map((agent) => agent.close()));
  });

  type Act = (input: Json, request: AgentRequest) => Json | Promise<Json>;
  /** Three agents of a run of their own; the last one acts differently, and alone can do the last piece where `isLone`. */
  async function stage(
    pattern: PatternName,
    condition: string,
    { acts = [], isLone = false }: { acts?: (Act | undefined)[]; isLone?: boolean } = {},
  ) {
    const shared = `${pattern}-${condition}`;
    const names = [1, 2, 3].map((number) => `${shared}-${number}`) as Cast['agents'];
    const [capability, last] = isLone ? [`${shared}-first`, `${shared}-last`] : [shared, shared];
    const cast: Cast = { agents: names, shared, capability, last };
    const agents: CountingAgent[] = [];
    for (const [at, name] of names.entries()) {
      const agent = await CountingAgent.listen(5, acts[at] ?? ((input, request) => answerTo(input, request, cast)));
      const has = new Set([shared, at === 2 ? last : capability]);
      const capabilities = [...has].map((one) => ({ name: one, cost: { usd: 1 } }));
      await brikk.register(name, shared, agent.url, { capabilities });
      agents.push(agent);
    }
    listening.push(...agents);
    const start = (more: object = {}) => {
      const retry = { maxAttempts: 2, initial: 'PT0.01S' };
      return brikk.start({ pattern, with: { ...playedBy(cast)[pattern], retry }, input: 'in', ...more });
    };
    const asked = () => agents.reduce((sum, { calls }) => sum + calls, 0);
    return { names, agents, start, asked };
  }
  /** Bids, and never does what it is asked to do. */
  const silent: Act = (_, { kind }) => (kind === 'bid' ? { bid: { price: 1, etaMs: 60_000 } } : never());

  describe.each(PATTERNS)('%s', (pattern) => {
    const {
      one,
      budget,
      silent: [doneBeside, kept],
    } = EXPECTED[pattern];

    it('completes, and tells of every request', async () => {
      const { start, asked } = await stage(pattern, 'well');
      const run = await brikk.finished((await start()).id);
      expect(run).toMatchObject({ status: 'completed', degraded: false, warnings: [], error: null });
      expect(run.contributions.map(({ status }) => status)).toEqual(Array(asked()).fill('completed'));
    });

    it('ends as it should when one of its agents fails, and says who', async () => {
      const { start, names } = await stage(pattern, 'one-fails', { acts: [undefined, undefined, fail] });
      const run = await brikk.finished((await start()).id);
      expect([run.status, amountOf(run)]).toEqual(one);
      const lost = run.contributions.filter(({ status }) => status === 'failed');
      expect(lost.filter(({ agent }) => agent !== names[2])).toEqual([]);
      const isUnharmed = run.status === 'completed' && run.warnings.length === 0;
      if (!isUnharmed) expect([...run.warnings, run.error?.message].join()).toMatch(/503/);
    });

    it('fails with the reason when all of them fail', async () => {
      const { start } = await stage(pattern, 'all-fail', { acts: [fail, fail, fail] });
      const run = await brikk.finished((await start()).id);
      expect([run.status, amountOf(run)]).toEqual(['failed', 0]);
      expect(run.error?.code).toBe(pattern === 'market' ? 'agent.unavailable' : 'agent.transient');
      expect(run.contributions.every(({ status, attempts }) => status === 'failed' && attempts === 2)).toBe(true);
    });

    it('keeps what it has when one is silent beyond the deadline', async () => {
      const { start } = await stage(pattern, 'late', { acts: [undefined, undefined, silent], isLone: true });
      const run = await brikk.finished((await start({ deadlineMs: 2_500 })).id);
      expect([run.status, run.terminationReason]).toEqual(['timed_out', 'deadline']);
      expect(amountOf(run)).toBe(kept);
    });

    it('spends no more than its budget, and keeps what that bought', async () => {
      const [costUsd, bought] = budget;
      const { start, asked } = await stage(pattern, 'poor');
      const run = await brikk.finished((await start({ budget: { costUsd } })).id);
      expect([run.status, run.terminationReason, amountOf(run)]).toEqual(['budget_exceeded', 'budget', bought]);
      // Who made an offer is answered in any case.
      const answers = run.contributions.filter(({ role }) => role === 'accept' || role === 'reject').length;
      expect(asked() - answers).toBe(Math.floor(costUsd));
      expect(run.budget?.used).toEqual({ costUsd: asked() });
    });

    it('keeps what it has when it is canceled in the middle', async () => {
      const { start, agents } = await stage(pattern, 'stopped', { acts: [undefined, undefined, silent], isLone: true });
      const { id } = await start();
      await agents[2]!.reached(pattern === 'market' ? 2 : 1);
      await brikk.reached(id, ({ contributions }) => contributions.length >= doneBeside);
      await brikk.call('POST', `/v1/runs/${id}/cancel`);
      const run = await brikk.finished(id, 10_000);
      expect([run.status, run.terminationReason, amountOf(run)]).toEqual(['canceled', 'canceled', kept]);
      await until(() => agents[2]!.hungUpAt.length > 0);
    });
  });
});
