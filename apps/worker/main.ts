import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { createAgentActivities } from '../../activities/agent.activities.js';
import { createApprovalActivities } from '../../activities/approval.activities.js';
import { createBulkActivities } from '../../activities/bulk.activities.js';
import { createConnectionActivities } from '../../activities/connection.activities.js';
import { createDiscoveryActivities } from '../../activities/discovery.activities.js';
import { createLanguageActivities } from '../../activities/language.activities.js';
import { createRunActivities } from '../../activities/run.activities.js';
import { GrpcConnector } from '../../connectors/grpc/grpc.connector.js';
import { HttpAgentConnector } from '../../connectors/http/http-agent.connector.js';
import { WebConnector } from '../../connectors/web/web.connector.js';
import { resolveBy } from '../../connectors/lib/resolve-address.js';
import { WebhookConnector } from '../../connectors/webhook/webhook.connector.js';
import { addressRule } from '../../connectors/lib/address-rule.js';
import { CallbackKeys } from '../../database/callback-keys.js';
import { ClientCertificates } from '../../database/client-certificates.js';
import { Database } from '../../database/database.js';
import { finishRun } from '../../database/finish-run.js';
import { UnreadableCells } from '../../database/unreadable-cells.js';
import { Vault } from '../../database/vault.js';
import { uuidv7 } from '../../database/uuid.js';
import { Journal } from '../../database/journal.js';
import { RunEventWriter } from '../../database/run-events.js';
import { SigningSecrets } from '../../database/signing-secrets.js';
import { findSimilarPlans } from '../../database/similar-plans.js';
import { AgentProber } from './agent-prober.js';
import { AgentRefresher, refreshRecord } from './agent-refresher.js';
import { connections } from './connections.js';
import { busRecord } from './bus-record.js';
import { callbacks, pendingCalls } from './callbacks.js';
import { backlogRecord, CallBacklog } from './call-backlog.js';
import { ContainerSweeper } from './container-sweeper.js';
import { readEnv } from './env.js';
import { EventBus } from './event-bus.js';
import { HealthFile } from './health-file.js';
import { WorkerHost } from './host.js';
import {
  agentRegistry,
  approvals,
  budgets,
  bulkRecord,
  childRuns,
  definitionResources,
  consolidation,
  leases,
  llmRecord,
  messageChannels,
  payloads,
  quotas,
  remoteRecord,
  sweptRecord,
} from './record.js';
import { InboundEvents } from './inbound-events.js';
import { inboundRecord } from './inbound-record.js';
import { PoolHost } from './pool-host.js';
import { hostRecord } from './pool-record.js';
import { probeRecord } from './probe-record.js';
import { secretReader } from './secrets.js';
import { sharedMemory } from './shared-memory.js';
import { livenessRecord } from './liveness-record.js';
import { Sweeper } from './sweeper.js';
import { WebhookDispatcher } from './webhook-dispatcher.js';
import { WorkerLiveness } from './worker-liveness.js';
import { webhookRecord } from './webhook-record.js';

/** After the grace of the tasks in hand; without a supervisor nobody else would see to it that the process ends, too. */
const STOP_LIMIT_MS = 5_000;

const env = readEnv(process.env);
const workerId = uuidv7();
const log = pino({ level: env.logLevel, base: { process: 'worker', worker: workerId } });

Runtime.install({
  // Stopping is this file's: the runtime would swallow the signals otherwise.
  shutdownSignals: [],
  logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
    const { error, workflowId, activityType } = (meta ?? {}) as {
      error?: Error;
      workflowId?: string;
      activityType?: string;
    };
    log[level === 'ERROR' ? 'error' : 'warn']({ workflowId, activityType, reason: error?.message }, message);
  }),
});

const database = await Database.open({ appUrl: env.databaseAppUrl, dispatchUrl: env.databaseDispatchUrl });
// The sweeper tries again by itself; a retry of the client's own would outlive the connection, and its end the process.
const connection = Connection.lazy({ ...env.temporal.connection, connectTimeout: '5s', interceptors: [] });
const client = new Client({ connection, namespace: env.temporal.namespace });

const connector = new HttpAgentConnector(addressRule(env.agentNetworks));
const web = new WebConnector(addressRule(env.agentNetworks), env.httpHostOverrides);
const unreadable = new UnreadableCells(database, (fields, message) => log.warn(fields, message));
const vault = new Vault(env.masterKeys, unreadable.tell);
const certificates = new ClientCertificates(database, vault);
const connectors = { connections: connections(database, vault), resolve: resolveBy(addressRule(env.agentNetworks)) };
const journal = new Journal(database);
const events = new RunEventWriter(database);
const shared = {
  events,
  journal,
  payloads: payloads(database),
  registry: agentRegistry(database),
  budgets: budgets(database),
  pending: pendingCalls(database),
};
const outside = { secrets: secretReader(database, vault), web };
const {
  close: closeAgents,
  expect,
  waiting,
  ...agentActivities
} = createAgentActivities({
  ...shared,
  leases: leases(database),
  quotas: quotas(database),
  places: env.slots,
  consolidation: consolidation(database),
  connector,
  signing: new SigningSecrets(database, vault),
  certificates,
  llm: { ...outside, record: llmRecord(database) },
  remote: { ...outside, record: remoteRecord(database) },
  log,
  estimate: env.estimate,
  callbacks: callbacks(new CallbackKeys(database, vault), env.publicUrl),
});
const runActivities = {
  ...createRunActivities({
    ...shared,
    memory: sharedMemory(database),
    findSimilarPlans: (orgId, goal, limit) => database.inOrg(orgId, (tx) => findSimilarPlans(tx, goal, limit)),
    finishRun: (end) => finishRun(database, end),
  }),
  ...createBulkActivities(bulkRecord(database)),
  ...createApprovalActivities(approvals(database)),
  ...createLanguageActivities({
    ...shared,
    ...outside,
    servers: { grpc: new GrpcConnector(addressRule(env.agentNetworks)), channels: messageChannels(database) },
    children: childRuns(database),
    resources: definitionResources(database),
    processes: env.allowedProcesses,
    connectors,
  }),
  ...createConnectionActivities({ ...connectors, web }),
  ...createDiscoveryActivities(outside),
};

const sweeper = new Sweeper(sweptRecord(database, vault, env.keepEventsMs), client, log, env.agentQueue);
const bus = new EventBus(busRecord(database, vault), client, log, env.agentQueue);
const inbound = new InboundEvents(inboundRecord(database, vault), client, log, env.agentQueue);
const webhooks = new WebhookConnector(addressRule(env.agentNetworks));
const dispatcher = new WebhookDispatcher(webhookRecord(database, vault, certificates), webhooks, log);
const prober = new AgentProber(probeRecord(database, certificates), connector, log);
const liveness = new WorkerLiveness(workerId, livenessRecord(database, client, workerId), log);
const backlog = new CallBacklog(backlogRecord(database, workerId), waiting, log);
const pools =
  env.poolsApiUrl === undefined
    ? undefined
    : new PoolHost(hostRecord(database, workerId), {
        connector,
        apiUrl: env.poolsApiUrl,
        log,
        onLine: (line) => process.stdout.write(`${line}\n`),
      });
const refresher = new AgentRefresher(refreshRecord(database), outside, log);
const containers = env.allowedProcesses.includes('container') ? [new ContainerSweeper(log)] : [];
const health = env.healthFile === undefined ? undefined : new HealthFile(env.healthFile);
const host = new WorkerHost({
  env,
  agentActivities,
  runActivities,
  sinks: { agents: { expect } },
  activityInterceptor: liveness.interceptor,
  log,
  onRunning: (queues) => {
    log.info({ queues, engine: env.temporal.connection.address }, 'taking tasks');
    health?.start();
    process.send?.({ type: 'ready', queues });
  },
});

for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const)
  process.once(signal, () => {
    host.stop();
    void pools?.stop();
  });
// A supervisor that died while this was starting: there will be no event, and there is no task in hand.
if (process.connected === false) process.exit(0);
process.once('disconnect', () => setTimeout(() => process.exit(1), env.shutdownGraceMs + STOP_LIMIT_MS).unref());
const loops = [
  liveness,
  bus,
  inbound,
  dispatcher,
  prober,
  refresher,
  backlog,
  ...(pools ? [pools] : []),
  ...containers,
];
sweeper.start();
await Promise.all(loops.map((loop) => loop.start()));
await host.run();
health?.stop();
await Promise.all([sweeper, ...loops].map((one) => one.stop()));
await closeAgents();
await connector.close();
await web.close();
await webhooks.close();
await connection.close();
await database.close();
log.info('stopped');
// The IPC channel of the parent would keep the process alive.
if (process.connected) process.disconnect();
