import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KeptTurn } from '../contracts/llm-agents.js';
import { agentToRegister } from '../test/support/agent-to-register.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import { findCandidates, loadAgent, registerAgent } from './agents.repository.js';
import { keepTurn, loadLlmAgent, readTurns } from './llm-agents.repository.js';
import { uuidv7 } from './uuid.js';
import { keyless } from '../test/support/vaults.js';

const orgId = uuidv7();
const model = {
  name: 'editor',
  protocol: 'llm',
  endpoint: 'http://127.0.0.1:9/v1',
  llm: { provider: 'openai-compatible', model: 'small', tools: [{ capability: 'sort' }] },
  capabilities: [{ name: 'edit', description: 'Makes it short' }],
  limits: { contextTokens: 8_000 },
};

describe('agents that are models', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test.close());
  const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(orgId, work);

  it('are registered without a lease or a secret of their own, and known with what their tools declare', async () => {
    const { registered: tool } = await inOrg((tx) =>
      registerAgent(
        tx,
        keyless,
        orgId,
        agentToRegister({ capabilities: [{ name: 'sort', description: 'Sorts', inputSchema: { type: 'object' } }] }),
      ),
    );
    const { registered } = await inOrg((tx) => registerAgent(tx, keyless, orgId, agentToRegister(model)));
    expect([registered.lease.expiresAt, registered.signingSecret]).toEqual([null, undefined]);
    expect(tool.lease.expiresAt).not.toBeNull();
    expect(await inOrg((tx) => findCandidates(tx, { capability: 'edit' }))).toMatchObject([{ protocol: 'llm' }]);
    const [spoken] = await inOrg((tx) => findCandidates(tx, { capability: 'sort' }));
    expect(spoken).not.toHaveProperty('protocol');
    expect(await inOrg((tx) => loadAgent(tx, registered.id))).toMatchObject({ llm: { model: 'small', maxSteps: 8 } });
    expect(await inOrg((tx) => loadAgent(tx, tool.id))).not.toHaveProperty('llm');
    expect(await inOrg((tx) => loadLlmAgent(tx, registered.id))).toMatchObject({
      name: 'editor',
      contextTokens: 8_000,
      settings: { model: 'small' },
      contracts: [
        { name: 'edit', own: true, description: 'Makes it short' },
        { name: 'sort', own: false, description: 'Sorts', inputSchema: { type: 'object' } },
      ],
    });
    expect(await inOrg((tx) => loadLlmAgent(tx, tool.id))).toBeUndefined();
  });

  it('have each of their turns kept once, in order, until a day after the end of the run', async () => {
    const runId = await acceptedRun(test.database, orgId);
    const place = { orgId, runId, callKey: 'a', agentId: uuidv7() };
    const turn = (said: string): KeptTurn => ({ messages: [said], calls: [], usage: { inputTokens: 1 } });
    const keep = (number: number, said: string) => inOrg((tx) => keepTurn(tx, place, number, turn(said)));
    expect(await keep(1, 'one')).toEqual(turn('one'));
    expect(await keep(1, 'another')).toEqual(turn('one'));
    await keep(2, 'two');
    expect(await inOrg((tx) => readTurns(tx, place))).toEqual([turn('one'), turn('two')]);
    expect(await inOrg((tx) => readTurns(tx, { ...place, callKey: 'b' }))).toEqual([]);
    await asOwner(test.ownerUrl, async (owner) => {
      await owner.query(`UPDATE llm_turn SET at = now() - interval '2 days'`);
      await owner.query(`UPDATE run SET finished_at = now() - interval '25 hours' WHERE id = $1`, [runId]);
    });
    await inOrg((tx) => keepTurn(tx, { ...place, callKey: 'later' }, 1, turn('new')));
    expect(await inOrg((tx) => readTurns(tx, place))).toEqual([]);
  });
});
