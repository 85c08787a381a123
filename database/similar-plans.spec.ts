import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData } from '../contracts/events.js';
import { startRunSchema } from '../contracts/runs.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { giveFeedback } from './feedback.repository.js';
import { finishRun } from './finish-run.js';
import { Journal } from './journal.js';
import { createOrganisation } from './organisations.repository.js';
import { acceptRun } from './runs.repository.js';
import { findSimilarPlans } from './similar-plans.js';
import { uuidv7 } from './uuid.js';

type DecisionData = EventData['decision'];

describe('plans of earlier runs', () => {
  let test: TestDatabase;
  let orgId: string;
  let otherOrgId: string;
  beforeAll(async () => {
    test = await withDatabase();
    const create = (name: string) => test.database.outsideOrgs((tx) => createOrganisation(tx, name));
    [orgId, otherOrgId] = [(await create('plans')).id, (await create('others')).id];
  }, 90_000);
  afterAll(() => test.close());

  const similar = (goal: string, limit = 3) => test.database.inOrg(orgId, (tx) => findSimilarPlans(tx, goal, limit));
  const goals = async (goal: string, limit?: number) => (await similar(goal, limit)).map((plan) => plan.goal);
  const tasks = (...ids: string[]) => ids.map((id) => ({ id, capability: 'x', dependsOn: [] }));
  const decision = (what: string, chosen: DecisionData['chosen'], path = '/'): DecisionData => ({
    what,
    path,
    rule: 'planner',
    chosen,
  });

  async function plan(
    goal: string,
    decisions: DecisionData[] = [],
    { org = orgId, isOpen = false } = {},
  ): Promise<string> {
    const id = uuidv7();
    const start = startRunSchema.parse({ pattern: 'plan', with: { goal, planner: { capability: 'p' }, allow: ['x'] } });
    const accepted = { id, orgId: org, start, definitionHash: 'hash', deadlineAt: Date.now() + 60_000 };
    await test.database.inOrg(org, (tx) => acceptRun(tx, accepted));
    if (isOpen) return id;
    await new Journal(test.database).record(org, id, finishedCall('plans/0/tasks/a'));
    const end = { status: 'partial' as const, terminationReason: 'max_rounds' as const, degraded: false, rounds: 2 };
    const events = decisions.map((data, at) => ({ key: `decision/${at}`, type: 'decision' as const, data }));
    await finishRun(test.database, { orgId: org, runId: id, ...end, warnings: [], output: { inline: {} }, events });
    return id;
  }

  it('are found by the words of their goals, the most similar first, ended ones of the own organisation only', async () => {
    await plan('Translate the contract into French');
    await plan('Summarise the quarterly report for the board');
    await plan('Summarise reports');
    await plan('Summarise the report of the others', [], { org: otherOrgId });
    await plan('Summarise the report that is under way', [], { isOpen: true });
    await acceptedRun(test.database, orgId);
    expect(await goals('summarising a report')).toEqual([
      'Summarise reports',
      'Summarise the quarterly report for the board',
    ]);
    expect(await goals('summarising a report', 1)).toEqual(['Summarise reports']);
    expect(await goals('bake bread')).toEqual([]);
    expect(await goals('the of and')).toEqual([]);
  });

  it('come with their last graph, how often they were made anew, how they ended, what they cost and how good they were', async () => {
    const decisions = [
      decision('plan', tasks('a')),
      decision('plan', tasks('inner'), '/tasks/a'),
      decision('replan', tasks('a', 'b')),
    ];
    const id = await plan('Paint the bridge', decisions);
    for (const [actor, score] of [
      ['k1', 0.5],
      ['k2', 1],
    ] as const)
      await test.database.inOrg(orgId, (tx) => giveFeedback(tx, id, actor, { score }));
    expect(await similar('paint a bridge')).toEqual([
      {
        goal: 'Paint the bridge',
        status: 'partial',
        reason: 'max_rounds',
        tasks: tasks('a', 'b'),
        revisions: 1,
        usage: { calls: 1, inputTokens: 2, outputTokens: 0, costUsd: 0.5 },
        score: 0.75,
      },
    ]);
  });

  it.each(["it's \\ 'quoted' & | ! ( ) :* <->", 'https://example.com/a?b=c', "O'Brien’s C:\\temp", '', '🚲'])(
    'are looked for by any text: %j',
    async (goal) => {
      await plan(`x ${goal}`);
      expect(Array.isArray(await similar(goal))).toBe(true);
    },
  );
});
