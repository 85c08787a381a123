import { DBOS } from '@dbos-inc/dbos-sdk';

/**
 * DBOS Transact: workflows in this process, every step's result in Postgres before the next one begins.
 * @type {import('../../harness/peer-contract.js').StartPeer}
 */
export async function start({ ask, steps, databaseUrl }) {
  const chain = DBOS.registerWorkflow(
    async ({ runId, endpoint, input }) => {
      let last = input;
      for (let number = 1; number <= steps; number += 1) {
        const step = `step-${number}`;
        const given = last;
        last = await DBOS.runStep(() => ask({ endpoint, runId, step, input: given }), { name: step });
      }
      return last;
    },
    { name: 'chain' },
  );
  const fan = DBOS.registerWorkflow(
    ({ runId, endpoints }) =>
      Promise.all(
        endpoints.map((endpoint, index) => {
          const step = `item-${index}`;
          return DBOS.runStep(() => ask({ endpoint, runId, step, input: index }), { name: step });
        }),
      ),
    { name: 'fan' },
  );
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: databaseUrl, logLevel: 'error' });
  await DBOS.launch();
  const result = async (workflow, run) =>
    (await DBOS.startWorkflow(workflow, { workflowID: run.runId })(run)).getResult();
  return {
    durability: 'Postgres, a commit for each step',
    chain: (run) => result(chain, run),
    fan: (run) => result(fan, run),
    stop: () => DBOS.shutdown(),
  };
}
