import { Mastra } from '@mastra/core';
import { createStep, createWorkflow } from '@mastra/core/workflows';
import { PostgresStore } from '@mastra/pg';
import { z } from 'zod';

const CALLS_AT_ONCE = 1_000;
const anything = { inputSchema: z.any(), outputSchema: z.any() };

/**
 * Mastra: workflows in this process, a snapshot in Postgres after each step.
 * @type {import('../../harness/peer-contract.js').StartPeer}
 */
export async function start({ ask, steps, databaseUrl }) {
  const storage = new PostgresStore({ id: 'bench', connectionString: databaseUrl });
  const chain = chainOf(ask, steps);
  const fan = fanOf(ask);
  const mastra = new Mastra({ workflows: { chain, fan }, storage, logger: false });
  await storage.init();
  const result = async (name, runId, inputData) => {
    const run = await mastra.getWorkflow(name).createRun({ runId });
    const ended = await run.start({ inputData });
    if (ended.status !== 'success') throw ended.error ?? new Error(`the workflow is ${ended.status}`);
    return ended.result;
  };
  return {
    durability: 'Postgres, a commit for the snapshot after each step',
    async chain({ runId, endpoint, input }) {
      return (await result('chain', runId, { runId, endpoint, input })).input;
    },
    fan: ({ runId, endpoints }) =>
      result(
        'fan',
        runId,
        endpoints.map((endpoint, index) => ({ runId, endpoint, index })),
      ),
    stop: () => storage.close(),
  };
}

/** Each step hands on what it was given, with the answer in place of the input. */
function chainOf(ask, steps) {
  let workflow = createWorkflow({ id: 'chain', ...anything });
  for (let number = 1; number <= steps; number += 1) {
    const step = `step-${number}`;
    const execute = async ({ inputData: { runId, endpoint, input } }) => ({
      runId,
      endpoint,
      input: await ask({ endpoint, runId, step, input }),
    });
    workflow = workflow.then(createStep({ id: step, ...anything, execute }));
  }
  return workflow.commit();
}

function fanOf(ask) {
  const execute = ({ inputData: { runId, endpoint, index } }) =>
    ask({ endpoint, runId, step: `item-${index}`, input: index });
  return createWorkflow({ id: 'fan', ...anything })
    .foreach(createStep({ id: 'call', ...anything, execute }), { concurrency: CALLS_AT_ONCE })
    .commit();
}
