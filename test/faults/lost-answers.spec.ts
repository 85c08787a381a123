import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { until } from '../support/until.js';
import { TcpProxy } from './tcp-proxy.js';

jest.setTimeout(240_000);

const RUNS = 5;
const STEPS = 3;
/** Until the proxy lets answers through again. */
const RETRY = { maxAttempts: 100, initial: 'PT0.1S', max: 'PT0.5S' };

let agent: CountingAgent;
let proxy: TcpProxy;
let brikk: LaunchedBrikk;
/** What the agent has done, by idempotency key: one number of its own for each effect. */
const ledger = new Map<string, number>();

beforeAll(async () => {
  const work = (_: unknown, { idempotencyKey }: AgentRequest) => {
    if (!ledger.has(idempotencyKey)) ledger.set(idempotencyKey, ledger.size + 1);
    return ledger.get(idempotencyKey) as number;
  };
  agent = await CountingAgent.listen(0, work);
  proxy = await TcpProxy.before({ host: '127.0.0.1', port: Number(new URL(agent.url).port) });
  brikk = await LaunchedBrikk.up();
  await brikk.register('booker', 'book', `http://127.0.0.1:${proxy.port}`, { maxConcurrency: 50 });
}, 120_000);
afterAll(async () => {
  await brikk?.down();
  await proxy?.stop();
  await agent?.close();
}, 60_000);

it('an answer that is lost after the effect: the call is made again under its key, and there is one effect for each', async () => {
  proxy.begin({ kind: 'lost answers' });
  const steps = Array.from({ length: STEPS }, (_, at) => ({ name: `step${at}`, capability: 'book', retry: RETRY }));
  const start = { pattern: 'sequential', with: { steps }, input: null };
  const runs = await Promise.all(Array.from({ length: RUNS }, () => brikk.start(start)));
  await until(() => ledger.size === RUNS && agent.calls > RUNS, 120_000);
  expect([...agent.askedAt.keys()]).toHaveLength(RUNS); // Of the first steps alone: none has its answer.
  proxy.heal();

  const outputs = [];
  for (const { id } of runs) {
    const { status, output } = await brikk.finished(id);
    expect(status).toBe('completed');
    outputs.push(output);
  }
  expect(ledger.size).toBe(RUNS * STEPS);
  expect(agent.askedAt.size).toBe(RUNS * STEPS);
  expect(agent.calls).toBeGreaterThan(RUNS * STEPS);
  // The answers are those of the one effect that each last step had.
  expect(new Set(outputs).size).toBe(RUNS);
  for (const output of outputs) expect([...ledger.values()]).toContain(output);
});
