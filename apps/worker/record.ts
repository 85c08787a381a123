import { BrikkError } from '../../contracts/errors.js';
import type { ItemRunActivities } from '../../contracts/item-runs.js';
import type { DefinitionResources } from '../../contracts/definition-resources.js';
import type { BulkActivities, CallTarget } from '../../contracts/run-workflow.js';
import type {
  AgentRegistry,
  Approvals,
  Budgets,
  ChildRuns,
  Consolidation,
  Leases,
  MessageChannels,
  Payloads,
  Quotas,
} from '../../activities/dependencies.js';
import {
  findCandidates,
  listAgents,
  loadAgent,
  recordBreaker,
  recordCallStats,
  sweepLeases,
} from '../../database/agents.repository.js';
import type { LlmRecord } from '../../activities/llm-agents.js';
import type { KeptTask } from '../../contracts/remote-agents.js';
import type { RemoteRecord } from '../../activities/remote-agents.js';
import { askLeases } from '../../database/call-leases.js';
import { readContextRoom } from '../../database/context-room.js';
import { joinConsolidated } from '../../database/consolidated-calls.js';
import { closeBudget, reserveBudget } from '../../database/budget.repository.js';
import { takeCalls } from '../../database/quotas.repository.js';
import { raiseBudget } from '../../database/raise-budget.js';
import { openChild, readChild } from '../../database/child-runs.repository.js';
import { findResource, keepResource } from '../../database/definition-resources.js';
import { closeItems, exchangeItems } from '../../database/bulk-items.js';
import { exchangeRuns, loadItemRun } from '../../database/item-runs.repository.js';
import type { Database, Tx } from '../../database/database.js';
import { redeliver, sweepEvents } from '../../database/event-deliveries.js';
import { finishRun } from '../../database/finish-run.js';
import { keepTurn, loadLlmAgent, readTurns } from '../../database/llm-agents.repository.js';
import { loadRemoteAgent } from '../../database/remote-agents.repository.js';
import { sweepMemory } from '../../database/memory.repository.js';
import { sweepSessions } from '../../database/sessions.repository.js';
import { publishMessage, subscribeToChannel } from '../../database/message-channels.js';
import { sweepConnectorCalls } from '../../database/connector-calls.repository.js';
import { sweepCredentials } from '../../database/sweep-credentials.js';
import { sweepInbound } from '../../database/inbound-events.repository.js';
import { sweepWebhooks } from '../../database/webhook-deliveries.repository.js';
import { materialise, storePayload } from '../../database/payloads.repository.js';
import { deleteOldRuns } from '../../database/old-runs.repository.js';
import { findStartableRun } from '../../database/runs.repository.js';
import { closeApproval, openApproval } from '../../database/pending-approvals.js';
import { settleSteering } from '../../database/steering.repository.js';
import { findPendingSteering, findStaleRuns } from '../../database/sweeps.repository.js';
import { readLessons } from '../../database/selection.repository.js';
import { sweepResources } from '../../database/sweep-resources.js';
import { sweepSilentCalls } from '../../database/sweep-silent-calls.js';
import { sweepSchedules } from '../../database/sweep-schedules.js';
import { readAgentHistory } from '../../database/agent-history.js';
import type { SweptRecord } from './sweeper.js';
import { sealKept } from '../../database/seal-kept.js';
import type { Vault } from '../../database/vault.js';

/** Postgres as the sweeper sees it. */
export function sweptRecord(database: Database, vault: Vault, keepEventsMs = 30 * 24 * 60 * 60 * 1_000): SweptRecord {
  return {
    findStaleRuns: async (options) =>
      (await findStaleRuns(database, options)).map(({ id, orgId }) => ({ orgId, runId: id })),
    findStartableRun: ({ orgId, runId }) => database.inOrg(orgId, (tx) => findStartableRun(tx, runId)),
    finishRun: async (end) => {
      // Of a bulk run, what its workflow left open; of any other there is nothing.
      await closeItems(database, end);
      await finishRun(database, end);
    },
    findPendingSteering: () => findPendingSteering(database),
    settleSteering: ({ orgId, runId }, ids) => database.inOrg(orgId, (tx) => settleSteering(tx, runId, ids)),
    sweepLeases: () => sweepLeases(database),
    sweepMemory: () => sweepMemory(database),
    sweepSessions: () => sweepSessions(database),
    redeliverEvents: ({ orgId, runId }) => database.inOrg(orgId, (tx) => redeliver(tx, runId)),
    sweepEvents: () => sweepEvents(database, keepEventsMs),
    deleteOldRuns: () => deleteOldRuns(database),
    sweepConnections: () => Promise.all([sweepConnectorCalls(database), sweepCredentials(database)]),
    sweepInbound: () => sweepInbound(database, keepEventsMs),
    sweepWebhooks: () => sweepWebhooks(database, keepEventsMs),
    sealKept: () => sealKept(database, vault),
    sweepResources: () => sweepResources(database),
    sweepSilentCalls: () => sweepSilentCalls(database),
    sweepSchedules: () => sweepSchedules(database),
  };
}

/** Items of bulk runs as the activities see them. */
export function bulkRecord(database: Database): BulkActivities & ItemRunActivities {
  return {
    exchangeItems: (request) => exchangeItems(database, request),
    exchangeRuns: (request) => exchangeRuns(database, request),
    loadItemRun: ({ orgId, runId, resumed }) => database.inOrg(orgId, (tx) => loadItemRun(tx, runId, resumed)),
    closeItems: (request) => closeItems(database, request),
  };
}

/** The registry as the activities see it. */
export function agentRegistry(database: Database): AgentRegistry {
  return {
    findCandidates: (orgId, target) => database.inOrg(orgId, (tx) => findCandidates(tx, target)),
    readContextRoom: (orgId, target) => database.inOrg(orgId, (tx) => readContextRoom(tx, target)),
    readLessons: (orgId, capability) => database.inOrg(orgId, (tx) => readLessons(tx, capability)),
    isKnown: (orgId, target) => database.inOrg(orgId, (tx) => isKnown(tx, target)),
    recordCallStats: (stats) => recordCallStats(database, stats),
    readHistory: (orgId, agentId, capability) =>
      database.inOrg(orgId, (tx) => readAgentHistory(tx, agentId, capability)),
    recordBreaker: (transition) => recordBreaker(database, transition),
  };
}

/** Models as the activities see them. */
export const llmRecord = (database: Database): LlmRecord => ({
  load: (orgId, agentId) => database.inOrg(orgId, (tx) => loadLlmAgent(tx, agentId)),
  turns: (place) => database.inOrg(place.orgId, (tx) => readTurns(tx, place)),
  keep: (place, turn, content) => database.inOrg(place.orgId, (tx) => keepTurn(tx, place, turn, content)),
});

/** Agents of servers as the activities see them. */
export const remoteRecord = (database: Database): RemoteRecord => ({
  load: (orgId, agentId) => database.inOrg(orgId, (tx) => loadRemoteAgent(tx, agentId)),
  tasks: (place) => database.inOrg(place.orgId, (tx) => readTurns<KeptTask>(tx, place)),
  keep: (place, number, task) => database.inOrg(place.orgId, (tx) => keepTurn(tx, place, number, task)),
});

/** The ledgers of budgets as the activities see them. */
export function budgets(database: Database): Budgets {
  return {
    reserve: (orgId, runId, requests) => database.inOrg(orgId, (tx) => reserveBudget(tx, orgId, runId, requests)),
    close: (orgId, runId, place) => database.inOrg(orgId, (tx) => closeBudget(tx, runId, place)),
    raise: (orgId, runId, raise) => database.inOrg(orgId, (tx) => raiseBudget(tx, orgId, runId, raise)),
  };
}

/** Quotas of organisations as the activities see them. */
export const quotas = (database: Database): Quotas => ({
  take: (orgId, asked) => database.inOrg(orgId, (tx) => takeCalls(tx, asked)),
});

/** Calls that are sent once with their equals, as the activities see them. */
export const consolidation = (database: Database): Consolidation => ({
  join: (orgId, request) => database.inOrg(orgId, (tx) => joinConsolidated(tx, orgId, request)),
});

/** The leases of resources as the activities see them. */
export const leases = (database: Database): Leases => ({
  ask: (orgId, requests) => database.inOrg(orgId, (tx) => askLeases(tx, orgId, requests)),
});

async function isKnown(tx: Tx, { capability, agent }: CallTarget): Promise<boolean> {
  const { items } = await listAgents(tx, { limit: 1, capability, name: agent });
  if (items.length > 0 || agent === undefined) return items.length > 0;
  try {
    await loadAgent(tx, agent);
    return true;
  } catch (error) {
    if (error instanceof BrikkError && error.code === 'agent.not_found') return false;
    throw error;
  }
}

/** The payload table as the activities see it; what is inline needs no transaction. */
export function payloads(database: Database): Payloads {
  return {
    store: (orgId, runId, json) => database.inOrg(orgId, (tx) => storePayload(tx, runId, json)),
    materialise: (orgId, value) =>
      'inline' in value ? Promise.resolve(value.inline) : database.inOrg(orgId, (tx) => materialise(tx, value)),
  };
}

/** The approvals as the activities see them. */
export const approvals = (database: Database): Approvals => ({
  open: (request) => openApproval(database, request),
  close: (request) => closeApproval(database, request),
});

/** Runs below runs as the activities see them. */
export const childRuns = (database: Database): ChildRuns => ({
  open: (request) => database.inOrg(request.orgId, (tx) => openChild(tx, request)),
  read: ({ orgId, ...child }) => database.inOrg(orgId, (tx) => readChild(tx, { orgId, ...child })),
});

/** What published versions have read outside, as the activities see it. */
export const definitionResources = (database: Database): DefinitionResources => ({
  find: (wanted) => database.inOrg(wanted.orgId, (tx) => findResource(tx, wanted)),
  keep: (read) => database.inOrg(read.orgId, (tx) => keepResource(tx, read)),
});

/** Channels inside of the installation as the activities see them. */
export const messageChannels = (database: Database): MessageChannels => ({
  publish: (run, event) => database.inOrg(run.orgId, (tx) => publishMessage(tx, run, event)),
  subscribe: (run, type) => database.inOrg(run.orgId, (tx) => subscribeToChannel(tx, run, type)),
});
