import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { BareActivities, BareFan, BareRun } from './harness/bare-contract.js';

const CALLS_OF_AN_ACTIVITY = 50;

const { ask, askAndJournal } = proxyActivities<BareActivities>({
  startToCloseTimeout: '30s',
  heartbeatTimeout: '1s',
  retry: { initialInterval: '100ms', backoffCoefficient: 1.5, maximumInterval: '1s' },
});

const { finish } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '5s' });

/** The floor: one activity per step, no journal, no events, no registry. */
export async function bareChain({ runId, endpoint, steps, input }: BareRun): Promise<unknown> {
  let value = input;
  for (let step = 0; step < steps; step += 1)
    value = await ask({ endpoint, runId, step: `/steps/${step}`, input: value });
  return value;
}

/** The floor of fan-outs: batches of calls, each call journaled, no events, no registry. */
export async function bareFan({ runId, endpoints }: BareFan): Promise<unknown[]> {
  const calls = endpoints.map((endpoint, index) => ({ endpoint, runId, step: `/items/${index}`, input: index }));
  const batches: Promise<unknown[]>[] = [];
  for (let first = 0; first < calls.length; first += CALLS_OF_AN_ACTIVITY)
    batches.push(askAndJournal(calls.slice(first, first + CALLS_OF_AN_ACTIVITY)));
  const output = (await Promise.all(batches)).flat();
  await finish({ runId, output });
  return output;
}
