import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Approval, DecideApproval } from '../../contracts/approvals.js';
import type { Json } from '../../contracts/json.js';
import { answerProbe } from '../support/answer-probe.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

describe('approvals with the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(0, (input) => `paid ${JSON.stringify(input)}`);
    await brikk.register('payer', 'pay', agent.url, { maxConcurrency: 100 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  const paying = (approval: Json, input: Json = 'in') => ({
    pattern: 'agent',
    with: { capability: 'pay', approval },
    input,
  });
  const start = async (run: object) => (await brikk.start(run)).id;
  const pendingOf = async (runId: string): Promise<Approval> => {
    let items: Approval[] = [];
    await until(async () => {
      ({ items } = await brikk.call<{ items: Approval[] }>('GET', `/v1/approvals?status=pending&run=${runId}`));
      return items.length > 0;
    }, 60_000);
    return items[0]!;
  };
  const decide = (id: string, decision: DecideApproval) =>
    brikk.call<Approval>('POST', `/v1/approvals/${id}`, decision);
  const waiting = (id: string) => brikk.reached(id, ({ status }) => status === 'waiting');

  it('waits for a person, whose answer the agent gets, and tells the story', async () => {
    const id = await start(paying({ before: true, question: 'Pay ${ .amount }?' }, { amount: 5 }));
    await waiting(id);
    const asked = await pendingOf(id);
    expect([asked.question, agent.calls]).toEqual(['Pay 5?', 0]);
    const detail = await brikk.brikk(['approvals', 'get', asked.id]);
    expect(detail).toMatch(/question +Pay 5\?/);
    expect(detail).toMatch(/"amount": 5/);
    expect(await brikk.brikk(['approvals', 'list'])).toContain(asked.id);
    const said = await brikk.brikk(['approvals', 'answer', asked.id, '--data', '4', '--comment', 'less']);
    expect(said).toMatch(/answered/);
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: 'paid 4', degraded: false });
    await expect(brikk.brikk(['approvals', 'approve', asked.id])).rejects.toThrow(/approval\.closed/);
    expect(await brikk.brikk(['runs', 'trace', id])).toMatch(/approval\.decided +\/: answer by .*: less/);
    expect(await brikk.brikk(['runs', 'story', id])).toMatch(/waits for approval: Pay 5\?[^]*decided: answer, less/);
    expect(await brikk.brikk(['approvals', 'list', '--status', 'all', '--run', id])).toMatch(/answered/);
  });

  it('ends a run rejected, and withdraws what is asked of a canceled one', async () => {
    const rejected = await start(paying({ after: true }));
    await decide((await pendingOf(rejected)).id, { decision: 'reject', comment: 'no' });
    expect(await brikk.finished(rejected)).toMatchObject({
      status: 'rejected',
      terminationReason: 'rejected',
      error: { code: 'approval.rejected', message: expect.stringMatching(/^rejected by .*: no$/) },
    });
    const canceled = await start(paying({ before: true }));
    const asked = await pendingOf(canceled);
    await brikk.call('POST', `/v1/runs/${canceled}/cancel`);
    expect((await brikk.finished(canceled)).status).toBe('canceled');
    expect(await brikk.call('GET', `/v1/approvals/${asked.id}`)).toMatchObject({ status: 'withdrawn' });
    await expect(decide(asked.id, { decision: 'approve' })).rejects.toThrow(/409.*approval\.closed/);
  });

  it('asks nobody again in a rerun about the steps that it keeps', async () => {
    const calls = agent.calls;
    const step = (name: string, approval?: Json) => ({ name, capability: 'pay', ...(approval ? { approval } : {}) });
    const steps = [step('ask', { before: true, after: true }), step('pay', { before: true })];
    const first = await start({ pattern: 'sequential', with: { steps }, input: 5 });
    await decide((await pendingOf(first)).id, { decision: 'answer', data: 4 });
    await until(async () => (await pendingOf(first)).kind === 'after', 60_000);
    await decide((await pendingOf(first)).id, { decision: 'approve' });
    await until(async () => (await pendingOf(first)).path === '/steps/pay', 60_000);
    await decide((await pendingOf(first)).id, { decision: 'approve' });
    await brikk.finished(first);

    const { id } = await brikk.call<{ id: string }>('POST', `/v1/runs/${first}/rerun`, {
      fromStep: 'pay',
      reason: 'once more',
    });
    const asked = await pendingOf(id);
    expect(asked.path).toBe('/steps/pay');
    await decide(asked.id, { decision: 'approve' });
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: 'paid "paid 4"' });
    expect(agent.calls - calls).toBe(3);
    const { items } = await brikk.call<{ items: Approval[] }>('GET', `/v1/approvals?run=${id}`);
    expect(items.map(({ path, kind, status }) => `${path} ${kind} ${status}`).sort()).toEqual([
      '/steps/ask after approved',
      '/steps/ask before answered',
      '/steps/pay before approved',
    ]);
  });

  it('puts the question of an agent to a person, over the death of the worker, and the answer to the agent', async () => {
    const requests: { context: Json; idempotencyKey: string }[] = [];
    const curious = createServer((message, response) => {
      if (answerProbe(message, response)) return;
      void json(message).then((body) => {
        requests.push(body as (typeof requests)[number]);
        const { answers } = (body as { context: { answers?: { answer: Json }[] } }).context;
        const asks = { inputRequired: { question: 'Which?', schema: { enum: ['A', 'B'] } } };
        response.end(JSON.stringify(answers ? { output: answers } : asks));
      });
    }).listen(0, '127.0.0.1');
    await once(curious, 'listening');
    const { port } = curious.address() as AddressInfo;
    await brikk.register('curious', 'choose', `http://127.0.0.1:${port}/`);
    const id = await start({ pattern: 'agent', with: { capability: 'choose' }, input: 1 });
    const asked = await pendingOf(id);
    expect([asked.kind, asked.question]).toEqual(['question', 'Which?']);
    process.kill((await brikk.status()).workers[0]!.pid, 'SIGKILL');
    await expect(decide(asked.id, { decision: 'answer', data: 'C' })).rejects.toThrow(/422/);
    await decide(asked.id, { decision: 'answer', data: 'B' });
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: [{ question: 'Which?', answer: 'B' }] });
    expect(run.contributions.map(({ callKey, error }) => [callKey, error?.code])).toEqual([
      ['call', 'agent.input_required'],
      ['answers/1', undefined],
    ]);
    expect(requests.map(({ idempotencyKey }) => idempotencyKey)).toEqual([`${id}/call`, `${id}/answers/1`]);
    expect(await brikk.brikk(['runs', 'story', id])).toMatch(/curious asks: Which\?/);
    curious.close();
  });

  it('outlives the death of worker and API: what is decided is done, what is due expires', async () => {
    const calls = agent.calls;
    const due = { before: true, due: 'PT6S', onTimeout: 'approve' };
    const [decided, expired] = [await start(paying({ before: true })), await start(paying(due, 'late'))];
    const { id } = await pendingOf(decided);
    await pendingOf(expired);
    await Promise.all([waiting(decided), waiting(expired)]);
    const { workers, api } = await brikk.status();
    for (const { pid } of [workers[0]!, api]) process.kill(pid, 'SIGKILL');
    await decide(id, { decision: 'approve' });
    expect(await brikk.finished(decided)).toMatchObject({ status: 'completed', output: 'paid "in"' });
    expect(await brikk.finished(expired)).toMatchObject({ status: 'completed', output: 'paid "late"' });
    const types = (await brikk.events(expired)).map(({ type }) => type);
    expect(types).toEqual([
      'run.accepted',
      'run.started',
      'approval.opened',
      'run.waiting',
      'approval.expired',
      'run.resumed',
      'call.finished',
      'run.finished',
    ]);
    expect(agent.calls - calls).toBe(2);
  });
});
