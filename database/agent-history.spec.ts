import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { registerAgentSchema } from '../contracts/agents.js';
import { readAgentHistory } from './agent-history.js';
import { registerAgent } from './agents.repository.js';
import { recordCallStats } from './call-stats.repository.js';
import { readContextRoom } from './context-room.js';
import { createOrganisation } from './organisations.repository.js';
import { keyless } from '../test/support/vaults.js';

let test: TestDatabase;
let orgId: string;
beforeAll(async () => {
  test = await withDatabase();
  orgId = (await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'))).id;
}, 90_000);
afterAll(() => test.close());

const read = (agentId: string) => test.database.inOrg(orgId, (tx) => readAgentHistory(tx, agentId, 'sort'));

describe('what an agent kept to', () => {
  it('is the 95th of 100 answers of all its instances, at most 30 % too high', async () => {
    const agentId = randomUUID();
    const instances = [randomUUID(), randomUUID()];
    const stats = Array.from({ length: 100 }, (_, index) => ({
      orgId,
      agentId,
      instanceId: instances[index % 2] as string,
      capability: 'sort',
      succeeded: true,
      latencyMs: index < 95 ? 100 : 5_000,
      costUsd: index < 95 ? 0.02 : 1,
      tokens: index < 95 ? 500 : 20_000,
    }));
    await recordCallStats(test.database, stats);
    const { latencyMs, costUsd, tokens } = await read(agentId);
    for (const [value, expected] of [
      [latencyMs, 100],
      [costUsd, 0.02],
      [tokens, 500],
    ] as const) {
      expect(value).toBeGreaterThanOrEqual(expected);
      expect(value).toBeLessThanOrEqual(expected * 1.3);
    }
  });

  it('is null where it never answered or never reported', async () => {
    expect(await read(randomUUID())).toEqual({ tokens: null, costUsd: null, latencyMs: null });
    const agentId = randomUUID();
    const stat = { orgId, agentId, instanceId: randomUUID(), capability: 'sort', succeeded: true, latencyMs: 10 };
    await recordCallStats(test.database, [{ ...stat, costUsd: 0 }]);
    expect(await read(agentId)).toMatchObject({ tokens: null, costUsd: null });
  });
});

describe('the room for a context', () => {
  it('is the least that live agents of the target declare, null where none does, with their input schemas', async () => {
    const room = (target: object) => test.database.inOrg(orgId, (tx) => readContextRoom(tx, target));
    const register = (name: string, contextTokens?: number, inputSchema?: object) => {
      const limits = contextTokens === undefined ? {} : { limits: { contextTokens } };
      const endpoint = `http://127.0.0.1:1/${name}`;
      const agent = {
        name,
        version: '1.0.0',
        protocol: 'http',
        endpoint,
        capabilities: [
          { name: 'tell', inputSchema },
          { name: 'other', inputSchema: { type: 'null' } },
        ],
        ...limits,
      };
      return test.database.inOrg(orgId, (tx) => registerAgent(tx, keyless, orgId, registerAgentSchema.parse(agent)));
    };
    await register('plain');
    expect(await room({ capability: 'tell' })).toEqual({ tokens: null, inputSchemas: [] });
    const text = { type: 'string', maxLength: 398 };
    const { registered } = await register('small', 4_000, text);
    await register('large', 128_000, text);
    expect(await room({ capability: 'tell' })).toEqual({ tokens: 4_000, inputSchemas: [text] });
    expect(await room({ agent: 'large' })).toEqual({ tokens: 128_000, inputSchemas: [] });
    expect(await room({ agent: registered.id, capability: 'tell' })).toEqual({ tokens: 4_000, inputSchemas: [text] });
    const gold = await room({ capability: 'tell', labels: { tier: 'gold' } });
    expect(gold).toEqual({ tokens: null, inputSchemas: [] });
  });
});
