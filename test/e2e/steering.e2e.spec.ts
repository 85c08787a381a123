import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ownerUrlOf } from '../../apps/cli/up/owner-url.js';
import type { Json } from '../../contracts/json.js';
import type { AcceptedRun, Run } from '../../contracts/runs.js';
import { TaskRejected } from '../../sdk/agent.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { asOwner } from '../support/postgres.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

interface Asked {
  capability: string;
  runId: string;
  step: string;
  at: number;
}

describe('steering a run', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  let asked: Asked[] = [];
  /** While it is closed, whoever asks for `held` waits. */
  let gate = { opened: Promise.resolve(), open: () => {} };

  let isInMood = true;

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(0, async (input, { capability, run }) => {
      asked.push({ capability, runId: run.id, step: run.step, at: Date.now() });
      if (capability === 'held') await gate.opened;
      if (capability === 'moody' && isInMood === false) throw new TaskRejected('not today');
      return `${input as string}+${capability}`;
    });
    for (const capability of ['quick', 'held', 'undo', 'moody'])
      await brikk.register(`does-${capability}`, capability, agent.url, { maxConcurrency: 100 });
  });
  afterEach(() => {
    gate.open();
    asked = [];
  });
  afterAll(async () => {
    gate.open();
    await brikk?.down();
    await agent?.close();
  });

  const close = () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    gate = { opened, open };
  };
  const askedFor = (runId: string, capability?: string) =>
    asked.filter((one) => one.runId === runId && (capability === undefined || one.capability === capability));
  const sequential = (names: string[], more: object = {}) => ({
    pattern: 'sequential',
    with: { steps: names.map((capability, index) => ({ name: `s${index}`, capability })), ...more },
    input: 'in',
  });
  const steer = (id: string, what: string, body?: Json) =>
    brikk.call<AcceptedRun>('POST', `/v1/runs/${id}/${what}`, body);
  const status = (id: string, wanted: Run['status']) => brikk.reached(id, (run) => run.status === wanted);
  const typesOf = async (id: string) => (await brikk.events(id)).map(({ type }) => type);
  /** A run whose first call is in the agent's hands. */
  const heldRun = async (run: object, calls = 1) => {
    close();
    const { id } = await brikk.start(run);
    await until(() => askedFor(id, 'held').length === calls);
    await status(id, 'running');
    return id;
  };

  /** The workflow has heard of all that was asked of it. */
  const isTold = (id: string) =>
    asOwner(ownerUrlOf(brikk.home) as string, async (client) => {
      const { rowCount } = await client.query('SELECT FROM run WHERE id = $1 AND steering IS NULL', [id]);
      return rowCount === 1;
    });

  it('lets a pause finish what is in hand and starts nothing new until the run is resumed', async () => {
    const id = await heldRun(
      {
        pattern: 'concurrent',
        with: { items: [1, 2, 3, 4, 5], branch: { capability: 'held' }, maxInFlight: 2 },
      },
      2,
    );
    expect(await steer(id, 'pause')).toMatchObject({ id, status: 'running' });
    gate.open();
    const paused = await status(id, 'paused');
    expect(paused.contributions.map((call) => call.status)).toEqual(['completed', 'completed']);
    const resumedAt = Date.now();
    await steer(id, 'resume');
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: [1, 2, 3, 4, 5].map((item) => `${item}+held`) });
    expect(askedFor(id)).toHaveLength(5);
    expect(askedFor(id).filter(({ at }) => at < resumedAt)).toHaveLength(2);
    const types = await typesOf(id);
    const steering = ['run.pause_requested', 'run.paused', 'run.resumed', 'run.finished'] as const;
    expect(types.filter((type) => (steering as readonly string[]).includes(type))).toEqual(steering);
  });

  it('takes a second pause for the first, and refuses to resume what is not paused', async () => {
    const id = await heldRun(sequential(['held', 'quick']));
    await expect(steer(id, 'resume')).rejects.toThrow(/409.*run\.not_paused/);
    await steer(id, 'pause');
    await steer(id, 'pause');
    gate.open();
    await status(id, 'paused');
    await steer(id, 'resume');
    await brikk.finished(id);
    expect((await typesOf(id)).filter((type) => type === 'run.pause_requested')).toHaveLength(1);
    for (const what of ['pause', 'resume', 'cancel', 'signals/note'])
      await expect(steer(id, what)).rejects.toThrow(/409.*run\.finished/);
  });

  it('delivers pause, signal and resume in the order in which they were asked, however fast they come', async () => {
    const id = await heldRun(sequential(['held', 'quick']));
    await steer(id, 'pause');
    await steer(id, 'signals/note', { text: 'the customer called again' });
    await steer(id, 'resume');
    await steer(id, 'pause');
    await steer(id, 'resume');
    gate.open();
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: 'in+held+quick' });
  });

  it('shows a signal with its data in the stream, and lets the run go on', async () => {
    const id = await heldRun(sequential(['held']));
    await steer(id, 'signals/note', { text: 'the customer called again' });
    gate.open();
    expect((await brikk.finished(id)).status).toBe('completed');
    const signals = (await brikk.events(id)).filter(({ type }) => type === 'run.signalled');
    expect(signals.map(({ data }) => data)).toEqual([{ name: 'note', data: { text: 'the customer called again' } }]);
  });

  it('undoes the completed steps of a canceled run, the last one first', async () => {
    const undo = (capability: string) => ({ name: capability, capability, compensate: { capability: 'undo' } });
    const run = {
      pattern: 'sequential',
      with: {
        onFailure: 'compensate',
        steps: [
          { ...undo('quick'), name: 'one' },
          { ...undo('quick'), name: 'two' },
          { ...undo('held'), name: 'three' },
          { name: 'four', capability: 'quick' },
        ],
      },
      input: 'in',
    };
    const id = await heldRun(run);
    expect(await steer(id, 'cancel')).toMatchObject({ status: 'running' });
    const canceled = await brikk.finished(id);
    expect(canceled).toMatchObject({ status: 'canceled', terminationReason: 'canceled', output: 'in+quick+quick' });
    expect(askedFor(id, 'undo').map(({ step }) => step)).toEqual(['/compensate/two', '/compensate/one']);
    expect(askedFor(id, 'quick')).toHaveLength(2);
    const types = await typesOf(id);
    expect(types).toContain('run.cancel_requested');
    expect(types.filter((type) => type === 'step.compensated')).toHaveLength(2);
    expect(types.at(-1)).toBe('run.finished');
  });

  it('cancels a paused run', async () => {
    const id = await heldRun(sequential(['held', 'quick']));
    await steer(id, 'pause');
    gate.open();
    await status(id, 'paused');
    await steer(id, 'cancel');
    expect(await brikk.finished(id)).toMatchObject({ status: 'canceled', output: 'in+held' });
    expect(askedFor(id, 'quick')).toEqual([]);
  });

  it('runs again from the start as a new run that asks every agent again', async () => {
    const first = await brikk.start({
      ...sequential(['quick', 'quick']),
      priority: 'high',
      labels: { team: 'ops' },
      correlationId: 'order-7',
    });
    const parent = await brikk.finished(first.id);
    const { id } = await steer(first.id, 'rerun', { reason: 'see whether it does the same' });
    const run = await brikk.finished(id);
    expect(run).toMatchObject({
      parentRunId: first.id,
      output: parent.output,
      definitionHash: parent.definitionHash,
      priority: 'high',
      labels: { team: 'ops' },
      correlationId: 'order-7',
    });
    expect(askedFor(id)).toHaveLength(2);
    expect((await brikk.events(id))[0]).toMatchObject({ type: 'run.accepted', data: { parentRunId: first.id } });
  });

  it('runs again from a step with the earlier results of the journal: those agents are not asked', async () => {
    const first = await brikk.start(sequential(['quick', 'quick', 'quick']));
    const parent = await brikk.finished(first.id);
    const { id } = await steer(first.id, 'rerun', { fromStep: 's2', reason: 'the third agent was wrong' });
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: parent.output });
    expect(askedFor(id).map(({ step }) => step)).toEqual(['/steps/s2']);
    expect(run.contributions).toHaveLength(3);
    expect(run.usage).toMatchObject({ calls: 1 });
    const positions = (await brikk.events(id)).map(({ position }) => position);
    expect(positions).toEqual(positions.map((_, index) => index + 1));
  });

  it('runs again with the calls that failed: the agents of the others are not asked', async () => {
    isInMood = false;
    const branches = ['quick', 'moody', 'quick'].map((capability, index) => ({ name: `b${index}`, capability }));
    const first = await brikk.start({ pattern: 'concurrent', with: { branches }, input: 'in' });
    expect(await brikk.finished(first.id)).toMatchObject({ status: 'partial' });
    isInMood = true;
    const { id } = await steer(first.id, 'rerun', { calls: 'failed', reason: 'the agent is itself again' });
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', parentRunId: first.id, usage: { calls: 1 } });
    expect(askedFor(id).map(({ capability }) => capability)).toEqual(['moody']);
    expect(JSON.stringify(run.output)).toContain('in+moody');
  });

  it('runs again with another input', async () => {
    const first = await brikk.start(sequential(['quick']));
    await brikk.finished(first.id);
    const { id } = await steer(first.id, 'rerun', { input: 'other', reason: 'the ticket was changed' });
    expect(await brikk.finished(id)).toMatchObject({ input: 'other', output: 'other+quick' });
  });

  it('tells a run that it is paused once Temporal is back', async () => {
    const { temporal } = await brikk.status();
    const id = await heldRun(sequential(['held', 'quick', 'quick']));
    process.kill(temporal.pid, 'SIGKILL');
    expect(await steer(id, 'pause')).toMatchObject({ status: 'running' });
    await until(() => isTold(id), 60_000);
    gate.open();
    await status(id, 'paused');
    expect(askedFor(id, 'quick')).toEqual([]);
    await steer(id, 'cancel');
    expect(await brikk.finished(id)).toMatchObject({ status: 'canceled', output: 'in+held' });
    expect(askedFor(id, 'quick')).toEqual([]);
  });

  it('ends a run at its deadline with what it has', async () => {
    close();
    const { id } = await brikk.start({ ...sequential(['quick', 'held']), deadlineMs: 4_000 });
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'timed_out', terminationReason: 'deadline', output: 'in+quick' });
  });
});
