import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import { PATTERNS, type PatternName } from '../../contracts/patterns.js';
import { isTerminal } from '../../contracts/runs.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';

jest.setTimeout(180_000);

const RUNS = 100;
const work = { capability: 'do' };

/** One run of every pattern there is. */
const WITH: Record<PatternName, object> = {
  agent: work,
  sequential: { steps: ['a', 'b', 'c'].map((name) => ({ name, ...work })) },
  concurrent: { items: [1, 2, 3, 4, 5], branch: work },
  workers: { items: [1, 2, 3, 4], worker: work, maxAttemptsPerItem: 2 },
  consensus: { voters: { agents: ['one', 'two', 'three'] }, rounds: 2, share: 'votes' },
  market: { task: work, mechanism: 'iterated' },
  blackboard: { sources: [{ name: 's', ...work, maxActivations: 2 }], maxCycles: 4 },
  plan: { goal: 'g', planner: work, allow: ['do'] },
  handoff: { targets: [{ agent: 'one' }, { agent: 'two' }] },
  groupChat: { participants: [{ agent: 'one' }, { agent: 'two' }], maxRounds: 3 },
  hierarchy: { manager: work },
  adaptive: { by: 'learned', key: 'mixed', candidates: ['a', 'b'].map((name) => ({ name, ...work })) },
};

/** Does what every pattern asks for. */
function answer(input: Json, { kind }: AgentRequest): Json {
  const asked = typeof input === 'object' && input !== null ? (input as Record<string, Json>) : {};
  if (kind === 'bid') return { bid: { price: 1, etaMs: 100 } };
  if (kind === 'plan')
    return {
      tasks: [
        { id: 'x', ...work },
        { id: 'y', ...work, dependsOn: ['x'] },
      ],
    };
  if (kind === 'decide' && 'maxFanOut' in asked) return { subtasks: ['x', 'y'].map((id) => ({ id, ...work })) };
  if (kind === 'decide') return { accept: true };
  if ('board' in asked) return { writes: [{ key: `${Object.keys(asked.board as object).length}`, value: 1 }] };
  return 1;
}

describe('patterns of all kinds at once', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  /** The attempts of each call, by its idempotency key. */
  const asked = new Map<string, Set<number>>();

  /**
   * A tenth of all attempts fails, whatever they ask for. What becomes of one depends on nothing but its call and number:
   * a batch that the engine gives out again asks for the same attempts, which agents know by their keys and numbers.
   */
  const failingATenth = (input: Json, { idempotencyKey, run, ...request }: AgentRequest): Json => {
    asked.set(idempotencyKey, new Set(asked.get(idempotencyKey)).add(run.attempt));
    const [draw = 0] = createHash('sha256').update(`${idempotencyKey} ${run.attempt}`).digest();
    if (draw < 256 / 10) throw new Error('this one fails');
    return answer(input, { idempotencyKey, run, ...request });
  };

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(5, failingATenth);
    for (const name of ['one', 'two', 'three'])
      await brikk.register(name, 'do', `${agent.url}/${name}`, { maxConcurrency: 100 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  it('all end although a tenth of the requests fails, and tell of every request that the agents counted', async () => {
    const started = await Promise.all(
      Array.from({ length: RUNS }, (_, index) => {
        const pattern = PATTERNS[index % PATTERNS.length] as PatternName;
        return brikk.start({ pattern, with: WITH[pattern], input: index });
      }),
    );
    const runs = await Promise.all(started.map(({ id }) => brikk.finished(id)));
    expect(runs.filter(({ status }) => !isTerminal(status))).toEqual([]);
    const completed = runs.filter(({ status }) => status === 'completed' || status === 'partial');
    expect(completed.length).toBeGreaterThan(RUNS * 0.9);
    const told = runs.flatMap(({ id, contributions }) =>
      contributions
        .filter(({ attempts }) => attempts > 0)
        .map(({ callKey, attempts }) => [`${id}/${callKey}`, attempts] as const),
    );
    const counted = [...asked].map(([key, attempts]) => [key, attempts.size] as const);
    expect(new Map(told)).toEqual(new Map(counted));
    expect(counted.some(([, attempts]) => attempts > 1)).toBe(true);
  });
});
