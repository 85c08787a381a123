import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { accountOf, killedInTheMiddle } from '../support/killed-in-the-middle.js';

jest.setTimeout(120_000);

/** Writes longer drafts, checks that they are long enough, says how much was said, leads from one to the other. */
function answer(input: Json, { capability }: AgentRequest): Json {
  const { draft, messages, round } = input as { draft?: string; messages?: Json[]; round?: number };
  if (capability === 'write') return `${draft ?? ''}x`;
  if (capability === 'check') return { approve: (draft ?? '').length > 2, reasons: ['too short'] };
  if (capability === 'chair') return { next: (round ?? 0) % 2 === 0 ? 'second' : 'first' };
  return `after ${messages?.length} messages`;
}

const CHAT = {
  pattern: 'groupChat',
  with: {
    participants: ['first', 'second'].map((name) => ({ name, capability: 'talk' })),
    manager: { capability: 'chair' },
    maxRounds: 5,
    terminateWhen: '.messages | length == 4',
    output: 'messages',
  },
};
const CHECK = {
  pattern: 'groupChat',
  with: { makerChecker: { maker: { capability: 'write' }, checkers: [{ capability: 'check' }] } },
};

describe('groupChat with the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(150, answer);
    for (const name of ['write', 'check', 'chair', 'talk'])
      await brikk.register(name, name, agent.url, { maxConcurrency: 100 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  it.each([
    ['a chat led by an agent', CHAT, 8],
    ['maker and checker', CHECK, 6],
  ])('%s ends like an undisturbed run when the worker is killed in the middle', async (_, run, calls) => {
    const undisturbed = await brikk.finished((await brikk.start(run)).id);
    expect(undisturbed).toMatchObject({ status: 'completed', terminationReason: 'rule_met' });
    expect(undisturbed.contributions).toHaveLength(calls);

    const { run: disturbed, calls: asked } = await killedInTheMiddle(brikk, agent, run, 3);
    expect(accountOf(disturbed)).toEqual(accountOf(undisturbed));
    expect(asked).toBeLessThanOrEqual(calls + 1);
  });
});
