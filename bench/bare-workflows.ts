import { proxyActivities } from '@temporalio/workflow';
import type { BareActivities, BareRun } from './harness/bare-contract.js';

const { ask } = proxyActivities<BareActivities>({
  startToCloseTimeout: '30s',
  heartbeatTimeout: '1s',
  retry: { initialInterval: '100ms', backoffCoefficient: 1.5, maximumInterval: '1s' },
});

/** The floor: one activity per step, no journal, no events, no registry. */
export async function bareChain({ runId, endpoint, steps, input }: BareRun): Promise<unknown> {
  let value = input;
  for (let step = 0; step < steps; step += 1)
    value = await ask({ endpoint, runId, step: `/steps/${step}`, input: value });
  return value;
}
