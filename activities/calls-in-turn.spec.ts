import { describe, expect, it } from '@jest/globals';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { FollowingCall } from '../contracts/run-workflow.js';
import { callOf, createHouse, finished, refuse } from '../test/support/agent-house.js';

const OUTPUT = { variables: {} };
/** Asked by name only. */
const apart = { capability: 'other' };

function followerOf(key: string, input: FollowingCall['input'] = OUTPUT): FollowingCall {
  return {
    ...callOf(key),
    input,
    events: [{ key: `step/${key}/started`, type: 'step.started', data: { path: `/steps/${key}`, name: key } }],
  };
}

/** Adds its mark to what it is given. */
async function markers() {
  const room = createHouse();
  const { requests } = await room.agent('a', ({ input }) => ({ output: `${input as string}.` }));
  const first = (...following: FollowingCall[]) => callOf('one', { input: { inline: '>' }, following });
  return { ...room, requests, first };
}

describe('calls in turn', () => {
  it('asks each with the output of the one before, which is in the journal by then', async () => {
    const { run, house, first } = await markers();
    const outcomes = await run({ calls: [first(followerOf('two'), followerOf('three'))] });
    expect(outcomes.map((outcome) => finished(outcome).output)).toEqual(
      ['>.', '>..', '>...'].map((inline) => ({ inline })),
    );
    expect(house.order).toEqual([
      'ask a',
      'record one',
      'event step/two/started',
      'ask a',
      'record two',
      'event step/three/started',
      'ask a',
      'record three',
    ]);
  });

  it('asks with what is known beforehand, and with what an expression makes of the output before', async () => {
    const { run, first } = await markers();
    const program = '"\\(.) of \\($input)"';
    const outcomes = await run({
      calls: [
        first(
          followerOf('two', { program, variables: { input: { inline: 'x' } } }),
          followerOf('three', { inline: 'known' }),
        ),
      ],
    });
    expect(outcomes.map((outcome) => finished(outcome).output)).toEqual(
      ['>.', '>. of x.', 'known.'].map((inline) => ({ inline })),
    );
  });

  it('goes no further than a call that fails', async () => {
    const { run, agent, requests, first } = await markers();
    await agent('b', refuse(400), apart);
    const failing = { ...followerOf('two'), target: { agent: 'b' } };
    const outcomes = await run({ calls: [first(failing, followerOf('three'))] });
    expect(outcomes.map((outcome) => finished(outcome).status)).toEqual(['completed', 'failed']);
    expect(requests).toHaveLength(1);
  });

  it('begins nothing new once somebody asked the run to pause or to cancel', async () => {
    const { run, house, requests, first } = await markers();
    house.isHeld = true;
    const outcomes = await run({ calls: [first(followerOf('two'))] });
    expect(outcomes.map(({ key }) => key)).toEqual(['one']);
    expect(requests).toHaveLength(1);
  });

  it('gives what is done when the run cancels it', async () => {
    const { run, agent, house, first } = await markers();
    const environment = new MockActivityEnvironment();
    await agent(
      'b',
      () => environment.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true })),
      apart,
    );
    const second = { ...followerOf('two'), target: { agent: 'b' } };
    const outcomes = await run({ calls: [first(second, followerOf('three'))] }, environment);
    expect(outcomes.map((outcome) => finished(outcome).status)).toEqual(['completed', 'canceled']);
    expect([...house.rows.keys()]).toEqual(['one', 'two']);
  });

  it('leaves an input that cannot be made to the workflow', async () => {
    const { run, requests, first } = await markers();
    const outcomes = await run({ calls: [first(followerOf('two', { program: '.missing', variables: {} }))] });
    expect(outcomes.map(({ key }) => key)).toEqual(['one']);
    expect(requests).toHaveLength(1);
  });

  it('leaves a call that would wait for a free agent to the workflow, and the first one with all that follow', async () => {
    const { run, agent, first } = await markers();
    await agent('b', refuse(429, { 'retry-after': '30' }), apart);
    const busy = { target: { agent: 'b' } };
    const outcomes = await run({ calls: [first({ ...followerOf('two'), ...busy })] });
    expect(outcomes.map(({ key }) => key)).toEqual(['one']);
    const deferred = await run({ calls: [{ ...first(followerOf('two')), key: 'three', ...busy }] });
    expect(deferred).toEqual([{ key: 'three', deferred: { afterMs: expect.any(Number) } }]);
  });

  it('repeats nothing after a crash, and leaves what follows to the workflow: the run may be held by then', async () => {
    const { run, requests, first } = await markers();
    await run({ calls: [first(followerOf('two'))] });
    const calls = [first(followerOf('two'), followerOf('three'))];
    const outcomes = await run({ calls }, new MockActivityEnvironment({ attempt: 2 }));
    expect(outcomes.map(({ key }) => key)).toEqual(['one', 'two']);
    expect(finished(outcomes[1]).output).toEqual({ inline: '>..' });
    expect(requests).toHaveLength(2);
  });

  it('repeats what the journal lacks after a crash', async () => {
    const { run, requests, first } = await markers();
    const calls = [first(followerOf('two'), followerOf('three'))];
    const outcomes = await run({ calls }, new MockActivityEnvironment({ attempt: 2 }));
    expect(outcomes.map((outcome) => outcome.key)).toEqual(['one', 'two', 'three']);
    expect(requests).toHaveLength(3);
  });
});
