import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { NodeChild } from '../../apps/cli/up/node-child.js';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import { DEFAULT_ORGANISATION } from '../../database/organisations.repository.js';
import { environmentBeside, startBeside } from '../support/beside.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

const NAMESPACE = 'brikk';

let brikk: LaunchedBrikk;
let agent: CountingAgent;
let client: Client;
let letGo: () => void;
const releases: NodeChild[] = [];

beforeAll(async () => {
  const released = new Promise<null>((resolve) => (letGo = () => resolve(null)));
  agent = await CountingAgent.listen(0, () => released);
  brikk = await LaunchedBrikk.up();
  await brikk.register('held', 'held', agent.url, { maxConcurrency: 100 });
  const connection = await Connection.connect({ address: (await brikk.status()).temporal.address });
  client = new Client({ connection, namespace: NAMESPACE });
}, 120_000);
afterAll(async () => {
  letGo?.();
  await Promise.all(releases.map((release) => release.stop()));
  await client?.connection.close();
  await brikk?.down();
  await agent?.close();
}, 60_000);

async function release(buildId: string): Promise<void> {
  const env = { ...(await environmentBeside(brikk)), BRIKK_BUILD_ID: buildId };
  releases.push(await startBeside(brikk, { name: `release-${buildId}`, app: 'worker', env }));
  // The engine hears of a release by the first question of its workers.
  const makeCurrent = () =>
    client.workflowService
      .setWorkerDeploymentCurrentVersion({ namespace: NAMESPACE, deploymentName: 'brikk', buildId })
      .then(
        () => true,
        () => false,
      );
  await until(makeCurrent, 60_000);
}

async function startHeld(): Promise<string> {
  const steps = ['first', 'second'].map((name) => ({ name, capability: 'held' }));
  const { id } = await brikk.start({ pattern: 'sequential', with: { steps } });
  const before = agent.calls;
  await agent.reached(before + 1);
  return id;
}

/** The release that the engine says a run is pinned to. */
async function releaseOf(runId: string): Promise<string | null | undefined> {
  const workflowId = runWorkflowId({ orgId: DEFAULT_ORGANISATION.id, runId });
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
}

it('a run ends on the release of workers that began it, while new runs begin on the current one', async () => {
  await release('1.0.0');
  const old = await startHeld();
  await release('1.1.0');
  const young = await startHeld();
  letGo();
  const ended = [await brikk.finished(old), await brikk.finished(young)];

  expect(ended.map(({ status }) => status)).toEqual(['completed', 'completed']);
  expect([await releaseOf(old), await releaseOf(young)]).toEqual(['1.0.0', '1.1.0']);
  expect([...agent.askedAt.values()].map((times) => times.length)).toEqual([1, 1, 1, 1]);
});
