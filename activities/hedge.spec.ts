import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AgentRequest } from '../contracts/agent-protocol.js';
import { callOf, createHouse, echo, finished, refuse } from '../test/support/agent-house.js';

const hedged = (change: object = {}) => callOf('a', { idempotent: true, hedge: { afterMs: 40 }, ...change });
/** Never answers. */
const silent = () => undefined;
const by = (name: string) => () => ({ output: name });

describe('a hedged call', () => {
  it('asks a second instance when the first is slow: the first answer wins, the other request is given up', async () => {
    const { house, agent, run } = createHouse();
    const given: Promise<unknown>[] = [];
    const slow = await agent('a-slow', (_request: AgentRequest, response) => void given.push(once(response, 'close')));
    const quick = await agent('b-quick', by('quick'));
    const [outcome] = await run({ calls: [hedged()] });
    expect(finished(outcome)).toMatchObject({
      status: 'completed',
      output: { inline: 'quick' },
      agent: 'b-quick',
      attempts: 2,
      usage: { calls: 2 },
    });
    expect([slow.requests.length, quick.requests.length]).toEqual([1, 1]);
    expect(slow.requests[0]?.idempotencyKey).toBe(quick.requests[0]?.idempotencyKey);
    await Promise.all(given);
    expect(house.rows.size).toBe(1);
    expect(house.written).toMatchObject([
      { type: 'call.hedged', data: { callKey: 'a', agent: 'b-quick', attempt: 2, afterMs: 40 } },
    ]);
  });

  it('asks nobody else when the first answers in time, or failed in time', async () => {
    const { agent, run } = createHouse();
    await agent('first', echo);
    const second = await agent('second', echo);
    const [outcome] = await run({ calls: [hedged({ hedge: { afterMs: 5_000 } })] });
    expect([finished(outcome).attempts, second.requests.length]).toEqual([1, 0]);
  });

  it('waits for the first when the second fails, and goes on when both have', async () => {
    const { agent, run } = createHouse();
    await agent('a-slow', (_request, response) => void setTimeout(() => response.end('{"output":"slow"}'), 150));
    await agent('b-broken', refuse(500));
    const [outcome] = await run({ calls: [hedged()] });
    expect(finished(outcome)).toMatchObject({ status: 'completed', agent: 'a-slow', attempts: 2 });

    const other = createHouse();
    await other.agent('broken1', (_request, response) => void setTimeout(() => response.writeHead(500).end(), 100));
    await other.agent('broken2', refuse(500));
    const third = await other.agent('third', by('third'));
    const [saved] = await other.run({ calls: [hedged()] });
    expect(finished(saved)).toMatchObject({ status: 'completed', agent: 'third', attempts: 3 });
    expect(third.requests).toHaveLength(1);
  });

  it('is not hedged where nobody else is free, or a repeat could do it twice', async () => {
    const { house, agent, run } = createHouse();
    await agent('only', (_request, response) => void setTimeout(() => response.end('{"output":1}'), 120));
    const [alone] = await run({ calls: [hedged()] });
    expect(finished(alone).attempts).toBe(1);
    await agent('other', by('other'));
    const [once1] = await run({ calls: [callOf('b', { hedge: { afterMs: 40 } })] });
    expect(finished(once1).attempts).toBe(1);
    expect(house.written).toEqual([]);
  });

  it('asks further instances, each after as long, as many as it may, and the last one wins when it is the first', async () => {
    const { house, agent, run } = createHouse();
    const given: Promise<unknown>[] = [];
    const never = (_request: AgentRequest, response: ServerResponse) => void given.push(once(response, 'close'));
    const slow = [await agent('a', never), await agent('b', never)];
    await agent('c', by('c'));
    const beyond = await agent('d', by('d'));
    const [outcome] = await run({ calls: [hedged({ hedge: { afterMs: 40, max: 2 } })] });
    expect(finished(outcome)).toMatchObject({ status: 'completed', output: { inline: 'c' }, attempts: 3 });
    await Promise.all(given);
    expect([slow.map(({ requests }) => requests.length), beyond.requests.length]).toEqual([[1, 1], 0]);
    expect(house.written).toMatchObject([
      { type: 'call.hedged', data: { agent: 'b', attempt: 2 } },
      { type: 'call.hedged', data: { agent: 'c', attempt: 3 } },
    ]);
    expect([...house.rows.values()]).toMatchObject([{ attempts: 3, usage: { calls: 3 } }]);
  });

  it('reserves each of them, and asks no further when the budget does not cover one', async () => {
    const { house, agent, run } = createHouse();
    const late = (name: string) => (_request: AgentRequest, response: ServerResponse) =>
      void setTimeout(() => response.end(JSON.stringify({ output: name })), 400);
    for (const name of ['a', 'b', 'c', 'd']) await agent(name, late(name));
    house.refuse = ({ estimate }) =>
      estimate.calls > 2 ? { place: '', limit: 'calls', estimate: 1, left: 0 } : undefined;
    const budget = { levels: [{ place: '', limits: { calls: 2 } }] };
    const [outcome] = await run({ calls: [hedged({ budget, hedge: { afterMs: 40, max: 3 } })] });
    expect(finished(outcome)).toMatchObject({ status: 'completed', attempts: 2 });
    expect(house.reserved).toHaveLength(3);
  });

  it('waits as long as 95 % of the agent’s answers took, and not at all to hedge without a record', async () => {
    const { agent, run } = createHouse();
    await agent('a-slow', (_request, response) => void setTimeout(() => response.end('{"output":"slow"}'), 400));
    await agent('b-quick', by('quick'));
    const p95 = (key: string) => callOf(key, { idempotent: true, hedge: { afterMs: 'p95' } });
    const [patient] = await run({ calls: [p95('a')] });
    expect(finished(patient)).toMatchObject({ agent: 'a-slow', attempts: 1 });
    const second = createHouse();
    second.house.p95Ms = 30;
    await second.agent('a-slow', silent);
    await second.agent('b-quick', by('quick'));
    const [outcome] = await second.run({ calls: [p95('b')] });
    expect(finished(outcome)).toMatchObject({ agent: 'b-quick', attempts: 2 });
  });

  it('reserves the second attempt as well, and goes without it when the budget does not cover it', async () => {
    const { house, agent, run } = createHouse();
    await agent('a-slow', (_request, response) => void setTimeout(() => response.end('{"output":"slow"}'), 150));
    const quick = await agent('b-quick', by('quick'));
    house.refuse = ({ estimate }) =>
      estimate.calls > 1 ? { place: '', limit: 'calls', estimate: 1, left: 0 } : undefined;
    const budget = { levels: [{ place: '', limits: { calls: 1 } }] };
    const [outcome] = await run({ calls: [hedged({ budget })] });
    expect(finished(outcome)).toMatchObject({ status: 'completed', agent: 'a-slow', attempts: 1 });
    expect([quick.requests.length, house.reserved.length]).toEqual([0, 2]);
  });
});
