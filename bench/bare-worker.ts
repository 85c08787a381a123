import { Context } from '@temporalio/activity';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { type AskedAgent, askAgent } from './harness/ask-agent.js';
import type { BareActivities } from './harness/bare-contract.js';
import { BareJournal } from './harness/bare-journal.js';

const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = process.env;
const { BENCH_QUEUE: taskQueue = '', BENCH_BUNDLE: codePath = '', BENCH_DATABASE: databaseUrl = '' } = process.env;

/** A beat only for calls that last: a short step costs the server nothing more. */
const BEAT_MS = 250;

const journal = databaseUrl === '' ? undefined : await BareJournal.open(databaseUrl);

const activities: BareActivities = {
  ask: (call) => beating(() => askAgent(call)),
  askAndJournal: (calls) => beating(() => Promise.all(calls.map((call) => askAndRecord(call)))),
  async finish({ runId, output }) {
    await openJournal().finish(runId, output);
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
await journal?.close();
process.exit(0);

async function beating<T>(work: () => Promise<T>): Promise<T> {
  const { heartbeat } = Context.current();
  const beat = setInterval(() => heartbeat(), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

async function askAndRecord(call: AskedAgent): Promise<unknown> {
  const output = await askAgent(call);
  await openJournal().record(call.runId, call.step, output);
  return output;
}

function openJournal(): BareJournal {
  if (!journal) throw new Error('this stage has no database for the bare workflow');
  return journal;
}
