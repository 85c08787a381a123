import { describe, expect, it } from '@jest/globals';
import { ActivityCancellationDetails, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { BrikkError } from '../contracts/errors.js';
import type { NewRunEvent } from '../contracts/events.js';
import { callOf, closing, createHouse, echo, finished } from '../test/support/agent-house.js';

describe('callAgents', () => {
  it('calls each agent, journals each answer, and gives the outcomes in order', async () => {
    const { agent, run, house } = createHouse();
    const { requests } = await agent('a', echo, { costUsd: 0.5 });
    const outcomes = await run({
      calls: ['one', 'two', 'three'].map((key) =>
        callOf(key, { role: 'writer', round: 2, context: { inline: { history: ['draft'] } } }),
      ),
    });
    expect(outcomes.map((outcome) => finished(outcome).output)).toEqual(
      ['one', 'two', 'three'].map((key) => ({ inline: { key } })),
    );
    expect(outcomes[0]).toMatchObject({
      status: 'completed',
      agent: 'a',
      attempts: 1,
      usage: { calls: 1, costUsd: 0.5 },
    });
    expect([...house.rows.keys()].toSorted()).toEqual(['one', 'three', 'two']);
    expect(house.rows.get('one')).toMatchObject({ path: '/steps/one', role: 'writer', round: 2 });
    expect(requests[0]).toMatchObject({
      idempotencyKey: 'run-1/one',
      context: { history: ['draft'], role: 'writer', round: 2 },
      run: { id: 'run-1', step: '/steps/one', attempt: 1 },
    });
    expect(house.reads).toBe(0);
  });

  it('writes the decisions before anything is sent', async () => {
    const { agent, run, house } = createHouse();
    await agent('a', echo);
    const event: NewRunEvent = { key: 'step/x', type: 'step.started', data: { path: '/steps/x', name: 'x' } };
    await run({ calls: [callOf('one')], events: [event] });
    expect(house.order).toEqual(['event step/x', 'ask a', 'record one']);
  });

  it.each([
    ['a repeat after a crash', { attempt: 2 }, false],
    ['a resumed run', {}, true],
  ])('asks only for what the journal lacks in %s', async (_, info, resumed) => {
    const { agent, run, house } = createHouse();
    const { requests } = await agent('a', echo);
    await run({ calls: [callOf('one')] });
    const outcomes = await run({ calls: [callOf('one'), callOf('two')], resumed }, new MockActivityEnvironment(info));
    expect(outcomes.map((outcome) => finished(outcome).status)).toEqual(['completed', 'completed']);
    expect(requests.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['run-1/one', 'run-1/two']);
    expect(house.reads).toBe(1);
  });

  it('tells when a call is still running after half a second', async () => {
    const { agent, run, house } = createHouse();
    await agent(
      'a',
      ({ input }, response) => void setTimeout(() => response.end(JSON.stringify({ output: input })), 700),
    );
    await run({ calls: [callOf('one')] });
    expect(house.order).toEqual(['ask a', 'event one/started/1', 'record one']);
  });

  it('journals a call that the run cancels, and beats while it runs', async () => {
    const { agent, run, house } = createHouse();
    const environment = new MockActivityEnvironment();
    let beats = 0;
    environment.on('heartbeat', () => {
      beats += 1;
      environment.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true }));
    });
    await agent('a', () => undefined);
    expect(await run({ calls: [callOf('one')] }, environment)).toMatchObject([
      { status: 'canceled', error: { code: 'agent.canceled' } },
    ]);
    expect(beats).toBe(1);
    expect(house.rows.get('one')?.status).toBe('canceled');
  });

  it('leaves a call to the next worker when this one has to stop', async () => {
    const { agent, run, house } = createHouse();
    const environment = new MockActivityEnvironment();
    await agent('a', () => {
      environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
    });
    await expect(run({ calls: [callOf('one')] }, environment)).rejects.toBeInstanceOf(CancelledFailure);
    expect(house.rows.size).toBe(0);
  });

  it('keeps an answer through an outage of the database', async () => {
    const { agent, run, house } = createHouse();
    const { requests } = await agent('a', echo);
    house.outages.push(...[1, 2].map(() => new BrikkError('dependency.unavailable', 'Postgres does not answer')));
    expect(await run({ calls: [callOf('one')] })).toMatchObject([{ status: 'completed' }]);
    expect(requests).toHaveLength(1);
  });

  it('fails by name when the record fails, after the other calls are journaled', async () => {
    const { agent, run, house } = createHouse();
    await agent('a', echo);
    house.outages.push(new Error('disk full'));
    const error = await run({ calls: [callOf('one'), callOf('two')] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({ type: 'internal', nonRetryable: false });
    expect(house.rows.size).toBe(1);
  });

  it('stores large outputs, and the largest of a batch until the rest fits', async () => {
    const { agent, run, house } = createHouse();
    await agent('a', ({ input }) => ({ output: 'x'.repeat((input as { bytes: number }).bytes) }));
    const sizes = [40_000, ...Array.from({ length: 6 }, () => 30_000)];
    const calls = sizes.map((bytes, index) => callOf(`call-${index}`, { input: { inline: { bytes } } }));
    const outcomes = await run({ calls });
    const inline = outcomes.filter((outcome) => 'inline' in (finished(outcome).output ?? {}));
    expect(inline).toHaveLength(4);
    expect(house.stored.size).toBe(2);
    expect(house.rows.get('call-0')?.output).toEqual({ ref: 'payload-0', bytes: 40_002 });
  });

  it('sends an agent the stored value that its input refers to', async () => {
    const { agent, run, house } = createHouse();
    const { requests } = await agent('a', () => ({ output: 1 }));
    house.stored.set('payload-large', { text: 'x'.repeat(50_000) });
    await run({ calls: [callOf('one', { input: { ref: 'payload-large', bytes: 50_011 } })] });
    expect(requests[0]?.input).toEqual({ text: 'x'.repeat(50_000) });
  });

  it('teaches the registry in batches', async () => {
    const { agent, run, house } = createHouse();
    await agent('a', echo);
    await run({ calls: Array.from({ length: 20 }, (_, index) => callOf(`call-${index}`)) });
    for (const close of closing.splice(0).toReversed()) await close();
    expect(house.stats).toHaveLength(20);
    expect(house.stats[0]).toMatchObject({ succeeded: true, capability: 'triage', instanceId: 'instance-a' });
  });
});
