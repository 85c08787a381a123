import { Context } from '@temporalio/activity';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { askAgent } from './harness/ask-agent.js';
import type { BareActivities } from './harness/bare-contract.js';

const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = process.env;
const { BENCH_QUEUE: taskQueue = '', BENCH_BUNDLE: codePath = '' } = process.env;

/** A beat only for calls that last: a short step costs the server nothing more. */
const BEAT_MS = 250;

const activities: BareActivities = {
  async ask(call) {
    const { heartbeat } = Context.current();
    const beat = setInterval(() => heartbeat(), BEAT_MS);
    try {
      return await askAgent(call);
    } finally {
      clearInterval(beat);
    }
  },
};

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  workflowBundle: { codePath },
  activities,
  maxConcurrentActivityTaskExecutions: 100,
  maxConcurrentWorkflowTaskExecutions: 100,
  maxCachedWorkflows: 500,
  stickyQueueScheduleToStartTimeout: '500ms',
  reuseV8Context: true,
});
for (const end of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(end, () => worker.shutdown());
const running = worker.run();
process.send?.({ type: 'ready' });
await running;
await connection.close();
process.exit(0);
