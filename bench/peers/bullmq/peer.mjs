import { FlowProducer, QueueEvents, Worker } from 'bullmq';
import { execFileSync } from 'node:child_process';

/** As many as there are connections to agents. */
const CALLS_AT_ONCE = 1_200;

/**
 * BullMQ flows: every call a job in Redis; a job begins when those it is the parent of are done.
 * @type {import('../../harness/peer-contract.js').StartPeer}
 */
export async function start({ ask, steps, folder, freePorts, startServer }) {
  const version = versionOfRedis();
  const [port] = await freePorts(1);
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...durable];
  const redis = await startServer({ command: 'redis-server', args, port });

  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
  const calls = new Worker('calls', (job) => callAgent(ask, job), { connection, concurrency: CALLS_AT_ONCE });
  const gathers = new Worker('gathers', gather, { connection });
  const flows = new FlowProducer({ connection });
  const events = {
    calls: new QueueEvents('calls', { connection }),
    gathers: new QueueEvents('gathers', { connection }),
  };
  const all = [calls, gathers, flows, events.calls, events.gathers];
  await Promise.all(all.map((one) => one.waitUntilReady()));

  return {
    durability: `Redis ${version}, appendfsync always`,
    async chain(run) {
      const { job } = await flows.add(chainFlow(run, steps));
      return (await job.waitUntilFinished(events.calls)).output;
    },
    async fan({ runId, endpoints }) {
      const children = endpoints.map((endpoint, index) => ({
        name: 'call',
        queueName: 'calls',
        data: { runId, endpoint, step: `item-${index}`, index, input: index },
      }));
      const { job } = await flows.add({ name: 'gather', queueName: 'gathers', children });
      return job.waitUntilFinished(events.gathers);
    },
    async stop() {
      await Promise.all(all.map((one) => one.close()));
      await redis.stop();
    },
  };
}

/** The last step is the root, the first one the innermost child. */
function chainFlow({ runId, endpoint, input }, steps) {
  let flow;
  for (let number = 1; number <= steps; number += 1)
    flow = {
      name: 'call',
      queueName: 'calls',
      data: { runId, endpoint, step: `step-${number}`, input },
      children: flow && [flow],
    };
  return flow;
}

/** A step after the first takes what its child gave. */
async function callAgent(ask, job) {
  const { runId, endpoint, step, index, input } = job.data;
  const [before] = step === 'step-1' || index !== undefined ? [] : Object.values(await job.getChildrenValues());
  return { index, output: await ask({ endpoint, runId, step, input: before ? before.output : input }) };
}

/** Children's values come without an order. */
async function gather(job) {
  const outcomes = Object.values(await job.getChildrenValues());
  return outcomes.sort((a, b) => a.index - b.index).map(({ output }) => output);
}

function versionOfRedis() {
  try {
    return execFileSync('redis-server', ['--version'], { encoding: 'utf8' }).match(/v=(\S+)/)[1];
  } catch {
    throw new Error('redis-server is not on PATH (Debian and Ubuntu: apt-get install redis-server)');
  }
}
