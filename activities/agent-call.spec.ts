import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { AgentRequest } from '../contracts/agent-protocol.js';
import { BrikkError } from '../contracts/errors.js';
import { callOf, createHouse, echo, finished, refuse } from '../test/support/agent-house.js';

describe('a call whose agent asks something', () => {
  it('is recorded with the question and who asks, and nobody else is asked', async () => {
    const { house, agent, run } = createHouse();
    const schema = { type: 'string' };
    const asking = await agent('a-asking', () => ({
      inputRequired: { question: 'Which?', schema },
      usage: { costUsd: 2 },
    }));
    const other = await agent('b-other', echo);
    const [outcome] = await run({ calls: [callOf('a')] });
    const { agentId } = asking.candidate;
    expect(finished(outcome)).toMatchObject({
      status: 'failed',
      attempts: 1,
      usage: { calls: 1, costUsd: 2 },
      error: { code: 'agent.input_required', asked: { question: 'Which?', schema, agentId } },
    });
    expect([house.rows.size, other.requests.length]).toEqual([1, 0]);
  });

  it('fails over when the schema of its answer is none', async () => {
    const { agent, run } = createHouse();
    await agent('a-odd', () => ({ inputRequired: { question: 'Which?', schema: { type: 'strnig' } } }));
    await agent('b-other', () => ({ output: 1 }));
    const [outcome] = await run({ calls: [callOf('a')] });
    expect(finished(outcome)).toMatchObject({ status: 'completed', agent: 'b-other', attempts: 2 });
  });
});

describe('one agent call', () => {
  it('goes to another instance at once when one cannot be reached, at the cost of no attempt', async () => {
    const { agent, run, house } = createHouse();
    const dead = await agent('a1', echo);
    await agent('a2', echo);
    await dead.close();
    const [outcome] = await run({ calls: [callOf('one', { retry: { ...callOf('x').retry, maxAttempts: 1 } })] });
    expect(outcome).toMatchObject({ status: 'completed', agent: 'a2' });
    expect(house.written).toEqual([
      {
        key: 'one/retried/instance-a1/1',
        type: 'call.retried',
        data: expect.objectContaining({
          agent: 'a1',
          attempt: 1,
          error: expect.objectContaining({ code: 'agent.unavailable' }),
        }),
      },
    ]);
  });

  it('goes to another agent when the secret of the first does not open, and asks the first nothing', async () => {
    const { agent, run, house } = createHouse();
    const swapped = await agent('a-swapped', echo);
    await agent('b-other', echo);
    swapped.candidate.signingSecret = 'of another';
    const error = new BrikkError('agent.permanent', 'The signing secret of the agent does not open');
    house.signing = () => Promise.reject(error);
    const [outcome] = await run({ calls: [callOf('one')] });
    expect(outcome).toMatchObject({ status: 'completed', agent: 'b-other' });
    expect(swapped.requests).toHaveLength(0);
  });

  it('tries another instance after a failed attempt, then again in rounds, up to its attempts', async () => {
    const { agent, run, house } = createHouse();
    const first = await agent('a1', refuse(500));
    const second = await agent('a2', refuse(503));
    const [outcome] = await run({ calls: [callOf('one')] });
    expect(outcome).toMatchObject({
      status: 'failed',
      attempts: 3,
      error: { code: 'agent.transient', retryable: true },
    });
    expect(first.requests.length + second.requests.length).toBe(3);
    expect(second.requests.length).toBeGreaterThan(0);
    expect(house.written.map(({ key }) => key)).toEqual(['one/retried/instance-a1/1', 'one/retried/instance-a2/2']);
    expect(house.rows.get('one')).toMatchObject({ status: 'failed', capability: 'triage' });
  });

  it('asks another agent when one refuses the task, and never the same one again', async () => {
    const { agent, run } = createHouse();
    const refusing = await agent('strict1', refuse(422));
    const peer = await agent('strict2', refuse(422));
    await agent('willing', echo);
    const [outcome] = await run({ calls: [callOf('one')] });
    expect(outcome).toMatchObject({ status: 'completed', agent: 'willing' });
    expect(refusing.requests.length + peer.requests.length).toBe(1);
  });

  it('fails with the refusal when nobody else can be asked, or when the code is not to be retried', async () => {
    const { agent, run, house } = createHouse();
    await agent('a', refuse(422));
    expect(await run({ calls: [callOf('one')] })).toMatchObject([
      { status: 'failed', error: { code: 'agent.rejected' } },
    ]);
    house.candidates.length = 0;
    await agent('b', refuse(500));
    const retry = { ...callOf('x').retry, nonRetryable: ['agent.transient'] };
    const target = { capability: 'triage', labels: {} };
    expect(await run({ calls: [callOf('two', { retry, target })] })).toMatchObject([{ status: 'failed', attempts: 1 }]);
  });

  it('holds outputs to the schemas of the agent and of the call', async () => {
    const { agent, run } = createHouse();
    await agent('a', () => ({ output: { severity: 7 } }), { outputSchema: { type: 'object' } });
    const outputSchema = { properties: { severity: { enum: ['low', 'high'] } } };
    const [outcome] = await run({ calls: [callOf('one', { outputSchema })] });
    expect(outcome).toMatchObject({ status: 'failed', attempts: 3, error: { code: 'agent.invalid_output' } });
    expect(finished(outcome).error?.message).toContain('/severity must be equal to one of the allowed values');
  });

  it('waits as long as an agent asks, in place when that is short and deferred when it is long', async () => {
    const { agent, run } = createHouse();
    const busy = await agent('a', refuse(429, { 'retry-after': '60' }));
    const [deferred] = await run({ calls: [callOf('one')] });
    expect(deferred).toEqual({ key: 'one', deferred: { afterMs: expect.any(Number) } });
    expect((deferred as { deferred: { afterMs: number } }).deferred.afterMs).toBeGreaterThan(50_000);
    expect(busy.requests).toHaveLength(1);
  });

  it('never has more calls at an instance than it has slots', async () => {
    const { agent, run } = createHouse();
    let now = 0;
    let most = 0;
    await agent(
      'a',
      ({ input }, response) => {
        now += 1;
        most = Math.max(most, now);
        setTimeout(() => {
          now -= 1;
          response.end(JSON.stringify({ output: input }));
        }, 5);
      },
      { maxConcurrency: 2 },
    );
    const calls = Array.from({ length: 12 }, (_, index) => callOf(`call-${index}`));
    const outcomes = await run({ calls });
    expect(outcomes.every((outcome) => finished(outcome).status === 'completed')).toBe(true);
    expect(most).toBe(2);
  });

  it('waits for known agents that are away, and fails when nobody of that name was ever registered', async () => {
    const { agent, run, house } = createHouse();
    house.known = false;
    expect(await run({ calls: [callOf('one')] })).toMatchObject([
      { status: 'failed', agent: null, attempts: 0, error: { code: 'agent.unavailable' } },
    ]);
    house.known = true;
    const waiting = run({ calls: [callOf('two', { target: { agent: 'late' } })] });
    await agent('late', echo);
    expect(await waiting).toMatchObject([{ status: 'completed', agent: 'late' }]);
  });

  it('gives up earlier on agents out of reach when the call has less patience', async () => {
    const { agent, run } = createHouse();
    await (await agent('gone', echo)).close();
    const patient = run({ calls: [callOf('y', { patienceMs: 60_000 })] });
    const [outcome] = await run({ calls: [callOf('x', { patienceMs: 1 })] });
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'agent.unavailable' } });
    await agent('back', echo);
    expect(await patient).toMatchObject([{ status: 'completed', agent: 'back' }]);
  });

  it('gives up on agents that stay unreachable when its patience ends', async () => {
    const { agent, run, house } = createHouse();
    const dead = await agent('a', echo);
    await dead.close();
    const [outcome] = await run({ calls: [callOf('one')] });
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'agent.unavailable' } });
    expect(house.breakers).toContainEqual({ orgId: 'org-1', instanceId: 'instance-a', to: 'open' });
  });

  it('lets one trial call decide about a half-open instance', async () => {
    const { agent, run, house } = createHouse();
    await agent('a', echo, { breaker: 'half-open' });
    expect(await run({ calls: [callOf('one')] })).toMatchObject([{ status: 'completed' }]);
    expect(house.breakers.map(({ to }) => to)).toEqual(['half-open', 'closed']);
  });

  it('asks once for the trial of a half-open instance, however many calls wait for it, and holds it no longer than they', async () => {
    const { agent, run, house } = createHouse();
    house.winTrials = false;
    await agent('a', echo, { breaker: 'half-open' });
    await agent('b', echo);
    const calls = Array.from({ length: 20 }, (_, index) => callOf(`call-${index}`));
    const outcomes = await run({ calls });
    expect(outcomes.every((outcome) => finished(outcome).agent === 'b')).toBe(true);
    const { attemptMs } = callOf('x').timeout;
    expect(house.breakers).toEqual([
      { orgId: 'org-1', instanceId: 'instance-a', to: 'half-open', trialMs: expect.any(Number) },
    ]);
    expect(house.breakers[0]?.trialMs).toBeLessThanOrEqual(attemptMs + 1_000);
  });

  it('waits for a busy agent rather than to go to a free one that is far slower', async () => {
    const { agent, run, house } = createHouse();
    const select = 'expected-completion';
    const fast = (request: AgentRequest, response: ServerResponse) => {
      setTimeout(() => response.end(JSON.stringify({ output: request.input })), 100);
      return undefined;
    };
    await agent('fast', fast, { latencyMs: 20, maxConcurrency: 1 });
    const slow = await agent('slow', echo, { latencyMs: 60_000 });
    const outcomes = await run({ calls: [callOf('one', { select }), callOf('two', { select })] });
    expect(outcomes.map((outcome) => finished(outcome).agent)).toEqual(['fast', 'fast']);
    expect(slow.requests).toEqual([]);
    expect(house.rows.get('two')?.queueMs).toBeGreaterThanOrEqual(50);
  });

  it('takes the slower agent when the busy one does not come free in time', async () => {
    const { agent, run } = createHouse();
    const select = 'expected-completion';
    const stuck = (_: AgentRequest, response: ServerResponse) => {
      setTimeout(() => response.end(JSON.stringify({ output: 'late' })), 1_500);
      return undefined;
    };
    await agent('fast', stuck, { latencyMs: 20, maxConcurrency: 1 });
    await agent('slow', echo, { latencyMs: 300 });
    const outcomes = await run({ calls: [callOf('one', { select }), callOf('two', { select })] });
    expect(outcomes.map((outcome) => finished(outcome).agent)).toEqual(['fast', 'slow']);
  });

  it('goes to one instance for each sticky key, and for the whole run without one', async () => {
    const { agent, run, house } = createHouse();
    for (const name of ['a', 'b', 'c', 'd']) await agent(name, echo, { maxConcurrency: 10 });
    const select = 'sticky';
    const servedBy = async (key: string, change: object) => {
      await run({ calls: [callOf(key, { select, ...change })] });
      return house.rows.get(key)?.agent;
    };
    const of = (customer: number, key: string) =>
      servedBy(key, { stickyKey: '.customer', input: { inline: { customer } } });
    const first = [];
    const again = [];
    for (let customer = 0; customer < 8; customer += 1) first.push(await of(customer, `first-${customer}`));
    for (let customer = 0; customer < 8; customer += 1) again.push(await of(customer, `again-${customer}`));
    expect(again).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
    expect(await servedBy('x', {})).toBe(await servedBy('y', {}));
  });

  it('fails a call whose sticky key cannot be made', async () => {
    const { agent, run } = createHouse();
    await agent('a', echo);
    const [outcome] = await run({ calls: [callOf('one', { select: 'sticky', stickyKey: '.key.more' })] });
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'expression.failed' } });
  });

  it('prefers agents of the region that it names, and takes others when none of those is free', async () => {
    const { agent, run, house } = createHouse();
    const stuck = (_: AgentRequest, response: ServerResponse) => {
      setTimeout(() => response.end(JSON.stringify({ output: 1 })), 300);
      return undefined;
    };
    await agent('far', echo, { latencyMs: 1 });
    await agent('near', stuck, { latencyMs: 900, region: 'eu', maxConcurrency: 1 });
    const select = 'expected-completion';
    await run({ calls: [callOf('one', { select, region: 'eu' }), callOf('two', { select, region: 'eu' })] });
    expect(['one', 'two'].map((key) => house.rows.get(key)?.agent)).toEqual(['near', 'far']);
    await run({ calls: [callOf('three', { select, region: 'us' })] });
    expect(house.rows.get('three')?.agent).toBe('far');
  });

  it('passes over an agent that failed three times in a row', async () => {
    const { agent, run } = createHouse();
    const failing = await agent('a-failing', refuse(500), { latencyMs: 0.01 });
    await agent('b', echo, { latencyMs: 500 });
    await agent('c', echo, { latencyMs: 500 });
    for (let call = 0; call < 4; call += 1)
      expect(await run({ calls: [callOf(`call-${call}`, { select: 'expected-completion' })] })).toMatchObject([
        { status: 'completed' },
      ]);
    expect(failing.requests).toHaveLength(3);
  });

  it('asks agents that are passed over when there is nobody else', async () => {
    const { agent, run } = createHouse();
    const failing = await agent('a-failing', refuse(500), { latencyMs: 0.01 });
    await agent('b', refuse(503), { latencyMs: 500 });
    const retry = { ...callOf('x').retry, maxAttempts: 4 };
    for (let call = 0; call < 2; call += 1)
      await run({ calls: [callOf(`call-${call}`, { select: 'expected-completion', retry })] });
    expect(failing.requests.length).toBeGreaterThan(3);
  });

  it('ends a call whose total time is over', async () => {
    const { agent, run } = createHouse();
    await agent('a', () => undefined);
    const timeout = { attemptMs: 40, totalMs: 100 };
    const [outcome] = await run({ calls: [callOf('one', { timeout })] });
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'agent.timeout' } });
  });
});
