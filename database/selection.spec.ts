import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallStat } from '../contracts/candidates.js';
import { agentToRegister } from '../test/support/agent-to-register.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { recordCallStats, registerAgent } from './agents.repository.js';
import { giveFeedback } from './feedback.repository.js';
import { Journal } from './journal.js';
import { createOrganisation } from './organisations.repository.js';
import { putSelectionSettings, readChoices, readLessons, readSelectionSettings } from './selection.repository.js';
import { keyless } from '../test/support/vaults.js';

let test: TestDatabase;
let orgId: string;
let runId: string;
const agents: { agentId: string; instanceId: string }[] = [];
beforeAll(async () => {
  test = await withDatabase();
  orgId = (await test.database.outsideOrgs((tx) => createOrganisation(tx, 'learning'))).id;
  runId = await acceptedRun(test.database, orgId);
  for (const name of ['one', 'two']) {
    const agent = agentToRegister({ name, endpoint: `http://127.0.0.1:9/${name}` });
    const { registered } = await test.database.inOrg(orgId, (tx) => registerAgent(tx, keyless, orgId, agent));
    agents.push({ agentId: registered.id, instanceId: registered.instanceId });
  }
}, 90_000);
afterAll(() => test.close());

const stat = (agent: number, callKey: string, change: Partial<CallStat> = {}): CallStat => ({
  orgId,
  ...agents[agent]!,
  capability: 'sort',
  succeeded: true,
  latencyMs: 100,
  costUsd: 0.01,
  choice: {
    runId,
    callKey,
    attempt: 1,
    agentId: agents[agent]!.agentId,
    baseAgentId: agents[0]!.agentId,
    propensities: { [agents[0]!.agentId]: 0.75, [agents[1]!.agentId]: 0.25 },
  },
  ...change,
});
const lessonOf = async (agent: number) => {
  const { lessons } = await test.database.inOrg(orgId, (tx) => readLessons(tx, 'sort'));
  return lessons.find(({ agentId }) => agentId === agents[agent]!.agentId);
};

describe('learned selection', () => {
  it('learns from the calls that it chose, each once, the older the less', async () => {
    await recordCallStats(test.database, [stat(0, 'a'), stat(0, 'b', { succeeded: false })]);
    await recordCallStats(test.database, [stat(0, 'b'), { ...stat(0, 'x'), choice: undefined } as never]);
    expect(await lessonOf(0)).toMatchObject({
      successes: 0.995,
      failures: 1,
      quality: null,
      ratings: 0,
      latencyMs: 100,
    });
    await recordCallStats(test.database, [stat(1, 'c'), stat(1, 'd')]);
    expect((await lessonOf(0))?.failures).toBeCloseTo(0.9995 ** 2);
    expect(await lessonOf(1)).toMatchObject({ successes: 1.995, failures: 0 });
  });

  it('hears of feedback, as what was chosen does', async () => {
    const { agentId } = agents[1]!;
    await new Journal(test.database).record(orgId, runId, { ...finishedCall('c'), agentId });
    await test.database.inOrg(orgId, (tx) => giveFeedback(tx, runId, 'key', { score: 0.25, callKey: 'c' }));
    expect(await lessonOf(1)).toMatchObject({ quality: 0.25, ratings: 1 });
    const choices = await test.database.inOrg(orgId, (tx) => readChoices(tx, 'sort'));
    expect(choices.map(({ agentId: who, score }) => [who === agentId, score])).toContainEqual([true, 0.25]);
    expect(choices).toHaveLength(4);
    const later = new Date(Date.now() + 60_000).toISOString();
    expect(await test.database.inOrg(orgId, (tx) => readChoices(tx, 'sort', later))).toEqual([]);
  });

  it('is weighed as the organisation says', async () => {
    const settings = { learned: false, costWeight: 1, latencyWeight: 0.5, explore: 0.2 };
    expect(await test.database.inOrg(orgId, readSelectionSettings)).toMatchObject({ learned: true, explore: 0.1 });
    await test.database.inOrg(orgId, (tx) => putSelectionSettings(tx, settings));
    expect((await test.database.inOrg(orgId, (tx) => readLessons(tx, 'sort'))).settings).toEqual(settings);
  });
});
