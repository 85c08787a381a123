import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerAgentSchema } from '../contracts/agents.js';
import type { NewRunEvent } from '../contracts/events.js';
import type { GiveFeedback } from '../contracts/feedback.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { findCandidates, loadAgent, recordCallStats, registerAgent } from './agents.repository.js';
import { giveFeedback } from './feedback.repository.js';
import { finishRun } from './finish-run.js';
import { Journal } from './journal.js';
import { loadRun } from './load-run.js';
import { RunEventWriter } from './run-events.js';
import { createOrganisation } from './organisations.repository.js';
import { uuidv7 } from './uuid.js';
import { keyless } from '../test/support/vaults.js';

describe('feedback', () => {
  let test: TestDatabase;
  let orgId: string;
  beforeAll(async () => {
    test = await withDatabase();
    orgId = (await test.database.outsideOrgs((tx) => createOrganisation(tx, 'rates'))).id;
  }, 90_000);
  afterAll(() => test.close());

  const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(orgId, work);
  const register = async (name: string) => {
    const agent = registerAgentSchema.parse({
      name,
      version: '1.0.0',
      protocol: 'http',
      endpoint: 'http://127.0.0.1:9/',
      capabilities: [{ name: 'other' }, { name: 'triage' }],
    });
    const { registered } = await inOrg((tx) => registerAgent(tx, keyless, orgId, agent));
    return registered;
  };
  /** A run of one call by this agent, finished unless said. */
  const runOf = async (agentId: string, { ended = true, status = 'completed' as 'completed' | 'failed' } = {}) => {
    const runId = await acceptedRun(test.database, orgId);
    await new Journal(test.database).record(orgId, runId, { ...finishedCall('call'), agentId, status });
    const end = { status: 'completed', terminationReason: 'done', degraded: false, rounds: 0, warnings: [] } as const;
    if (ended)
      await finishRun(test.database, { orgId, runId, ...end, warnings: [], output: { inline: 1 }, events: [] });
    return runId;
  };
  const give = (runId: string, feedback: GiveFeedback, actor = 'k1') =>
    inOrg((tx) => giveFeedback(tx, runId, actor, feedback));
  const reputation = async (agent: string) =>
    (await inOrg((tx) => findCandidates(tx, { capability: 'triage', agent })))[0]?.reputation;

  it('stands on the run, the last word of each caller on the run and on each of its calls', async () => {
    const { id } = await register('a');
    const runId = await runOf(id);
    expect(await give(runId, { score: 0.2, comment: 'slow' })).toMatchObject({ created: true });
    expect(await give(runId, { score: 0.6 })).toMatchObject({ created: false, feedback: { score: 0.6, by: 'k1' } });
    await give(runId, { score: 1, callKey: 'call' });
    await give(runId, { score: 0 }, 'k2');
    const { feedback } = await inOrg((tx) => loadRun(tx, runId));
    expect(feedback.map(({ callKey, score, by, comment }) => [callKey, score, by, comment])).toEqual([
      [undefined, 0.6, 'k1', undefined],
      ['call', 1, 'k1', undefined],
      [undefined, 0, 'k2', undefined],
    ]);
  });

  it('makes the reputation: the mean of scores, each counting 0.995 of the one after it', async () => {
    const { id, instanceId } = await register('b');
    expect(await reputation('b')).toBeUndefined();
    const [first, second] = [await runOf(id), await runOf(id)];
    await give(first, { score: 1 });
    expect(await reputation('b')).toBe(1);
    await give(second, { score: 0 });
    expect(await reputation('b')).toBeCloseTo(0.995 / 1.995, 10);
    await give(first, { score: 0 });
    expect(await reputation('b')).toBe(0);
    const shown = { capability: 'triage', reputation: 0 };
    expect((await inOrg((tx) => loadAgent(tx, id))).statistics).toMatchObject([
      { ...shown, calls: 0, successRate: null, latencyMs: null },
    ]);
    const stat = { orgId, agentId: id, instanceId, capability: 'triage', succeeded: true, latencyMs: 1, costUsd: 0 };
    await recordCallStats(test.database, [stat]);
    expect((await inOrg((tx) => loadAgent(tx, id))).statistics).toMatchObject([{ ...shown, calls: 1 }]);
    expect((await inOrg((tx) => findCandidates(tx, { capability: 'other', agent: 'b' })))[0]).not.toHaveProperty(
      'reputation',
    );
  });

  it('counts every score of callers that speak at once', async () => {
    const { id } = await register('c');
    const runId = await runOf(id);
    await Promise.all(Array.from({ length: 20 }, (_, n) => give(runId, { score: n < 10 ? 1 : 0.5 }, `k${n}`)));
    expect(await reputation('c')).toBeGreaterThan(0.74);
    expect(await reputation('c')).toBeLessThan(0.76);
  });

  it('of a market goes to who did the work, and not to who only made an offer and was told', async () => {
    const [winner, loser] = [await register('w'), await register('l')];
    const runId = await acceptedRun(test.database, orgId);
    const journal = new Journal(test.database);
    const talk = async (key: string, role: string, { id }: { id: string }) =>
      journal.record(orgId, runId, { ...finishedCall(`${key}/${id}`), role, agentId: id });
    for (const bidder of [winner, loser]) await talk('rounds/1', 'bidder', bidder);
    await talk('work', 'winner', winner);
    await talk('answers', 'accept', winner);
    await talk('answers', 'reject', loser);
    await journal.record(orgId, runId, { ...finishedCall('steps/reject'), role: 'reject', agentId: winner.id });
    const end = { status: 'completed', terminationReason: 'done', degraded: false, rounds: 0, warnings: [] } as const;
    await finishRun(test.database, { orgId, runId, ...end, warnings: [], output: { inline: 1 }, events: [] });
    await give(runId, { score: 0.4 });
    expect([await reputation('w'), await reputation('l')]).toEqual([0.4, undefined]);
  });

  it('says nothing of an agent whose call failed, and is refused for calls and runs that there are not', async () => {
    const { id } = await register('d');
    const failed = await runOf(id, { status: 'failed' });
    await give(failed, { score: 0, callKey: 'call' });
    await give(failed, { score: 0 });
    expect(await reputation('d')).toBeUndefined();
    await expect(give(failed, { score: 1, callKey: 'none' })).rejects.toMatchObject({ code: 'run.call_not_found' });
    await expect(give(uuidv7(), { score: 1 })).rejects.toMatchObject({ code: 'run.not_found' });
    await expect(give('x', { score: 1 })).rejects.toMatchObject({ code: 'run.not_found' });
    const open = await runOf(id, { ended: false });
    await expect(give(open, { score: 1 })).rejects.toMatchObject({ code: 'run.not_finished' });
    await give(open, { score: 1, callKey: 'call' });
    expect(await reputation('d')).toBe(1);
  });

  it('comes from markets, too: a winner is held to its bid, once however often the event is written', async () => {
    const { id } = await register('e');
    const runId = await runOf(id, { ended: false });
    const events = new RunEventWriter(test.database);
    const settled = (outcome: 'late' | 'defaulted', n: number): NewRunEvent => ({
      key: `work/${n}/settled`,
      type: 'market.settled',
      data: {
        path: `/work/${n}`,
        agent: 'e',
        agentId: id,
        outcome,
        priceUsd: 1,
        promised: { priceUsd: 1, etaMs: 100, confidence: null },
        real: { costUsd: null, elapsedMs: 200, confidence: null },
        deviation: { costUsd: null, timeMs: 100, confidence: null },
      },
    });
    await events.append(orgId, runId, [settled('late', 1)]);
    await events.append(orgId, runId, [settled('late', 1)]);
    expect(await reputation('e')).toBe(0.5);
    const end = {
      status: 'failed',
      terminationReason: 'agent_failed',
      degraded: false,
      rounds: 0,
      warnings: [],
    } as const;
    const last = { output: { inline: null }, events: [settled('defaulted', 2)] };
    await finishRun(test.database, { orgId, runId, ...end, warnings: [], ...last });
    expect(await reputation('e')).toBeCloseTo((0.995 * 0.5) / 1.995, 10);
  });
});
