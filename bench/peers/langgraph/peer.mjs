import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { setMaxListeners } from 'node:events';

// Each of a thousand tasks listens to the run's signal, which is no leak.
setMaxListeners(0);

const chainState = Annotation.Root({ runId: Annotation(), endpoint: Annotation(), value: Annotation() });
const fanState = Annotation.Root({
  runId: Annotation(),
  endpoints: Annotation(),
  outputs: Annotation({ reducer: (all, more) => [...all, ...more], default: () => [] }),
});

/**
 * LangGraph: a graph in this process, a checkpoint in Postgres before the next node begins (durability `sync`).
 * @type {import('../../harness/peer-contract.js').StartPeer}
 */
export async function start({ ask, steps, databaseUrl }) {
  const checkpointer = PostgresSaver.fromConnString(databaseUrl);
  await checkpointer.setup();
  const chain = chainGraph(ask, steps).compile({ checkpointer });
  const fan = fanGraph(ask).compile({ checkpointer });
  const options = (runId) => ({ configurable: { thread_id: runId }, durability: 'sync' });
  return {
    durability: 'Postgres, a commit for each checkpoint and for the writes of each node',
    async chain({ runId, endpoint, input }) {
      const { value } = await chain.invoke({ runId, endpoint, value: input }, options(runId));
      return value;
    },
    async fan({ runId, endpoints }) {
      const { outputs } = await fan.invoke({ runId, endpoints }, options(runId));
      return outputs;
    },
    stop: () => checkpointer.end(),
  };
}

function chainGraph(ask, steps) {
  const graph = new StateGraph(chainState);
  let last = START;
  for (let number = 1; number <= steps; number += 1) {
    const step = `step-${number}`;
    graph.addNode(step, async ({ runId, endpoint, value }) => ({
      value: await ask({ endpoint, runId, step, input: value }),
    }));
    graph.addEdge(last, step);
    last = step;
  }
  return graph.addEdge(last, END);
}

/** A task for each endpoint in one superstep; their writes are reduced in the order in which they were sent. */
function fanGraph(ask) {
  const sendAll = ({ runId, endpoints }) =>
    endpoints.map((endpoint, index) => new Send('call', { runId, endpoint, index }));
  return new StateGraph(fanState)
    .addNode('call', async ({ runId, endpoint, index }) => ({
      outputs: [await ask({ endpoint, runId, step: `item-${index}`, input: index })],
    }))
    .addConditionalEdges(START, sendAll, ['call'])
    .addEdge('call', END);
}
