import type { Agent, AgentInstance, AgentSummary, RegisteredAgent } from '../../../contracts/agents.js';
import type { Approval, ApprovalSummary } from '../../../contracts/approvals.js';
import type { RunEvent } from '../../../contracts/events.js';
import type { Feedback } from '../../../contracts/feedback.js';
import type { Json } from '../../../contracts/json.js';
import type { SecretSummary } from '../../../contracts/secrets.js';
import type { MemoryHit, MemorySummary } from '../../../contracts/memory.js';
import type { ApiKey, Organisation } from '../../../contracts/organisations.js';
import type { AcceptedRun, Run, RunSummary } from '../../../contracts/runs.js';
import { BUS_EXAMPLES } from './bus-examples.js';
import { SEARCH_EXAMPLES } from './search-examples.js';
import { SESSION_EXAMPLES } from './session-examples.js';
import { POOL_EXAMPLES } from './pool-examples.js';
import { RESOURCE_EXAMPLES } from './resource-examples.js';
import { OPERATIONS_EXAMPLES } from './operations-examples.js';
import { WORKFLOW_EXAMPLES } from './workflow-examples.js';

/** One incident that a run hands to a triage agent: the same ids wherever they mean the same. */
const runId = '019aa6f2-7c1e-7d7a-9c55-8d0f8a1f6b01';
const agentId = '019aa6f0-11aa-7b10-8a30-55b1b7a0c2d4';
const instanceId = '019aa6f0-11ab-7c44-b8f3-0e8a2f61d9aa';
const links = { self: `/v1/runs/${runId}`, events: `/v1/runs/${runId}/events` };
const lease = { expiresAt: '2026-11-21T16:31:30.000Z' };

const organisation: Organisation = {
  id: '019aa6e9-4f00-7a01-8c7e-3f2b1c9d0e11',
  name: 'acme',
  createdAt: '2026-11-21T16:00:00.000Z',
};

const apiKey: ApiKey = {
  id: '019aa6ea-0b10-7f3a-9d1c-6a5b4c3d2e1f',
  name: 'night-shift',
  prefix: '3kTMd91x',
  role: 'operator',
  scopes: [],
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: '2026-11-21T16:29:58.120Z',
  createdAt: '2026-11-21T16:00:00.000Z',
};
const key = 'brk_live_<43 characters>_<8 characters>';

const registered: RegisteredAgent = { id: agentId, instanceId, state: 'ready', lease, signingSecret: 'whsec_<secret>' };

const MEASURED = {
  capability: 'triage',
  successRate: 0.996,
  latencyMs: { ewma: 84, p50: 80, p95: 190 },
  costUsd: 0.0004,
  tokens: 5_120,
};

const instance: AgentInstance = {
  id: instanceId,
  endpoint: 'http://127.0.0.1:9001/',
  state: 'ready',
  draining: false,
  maxConcurrency: 4,
  inFlight: 0,
  load: 0.1,
  breaker: 'closed',
  lease,
  heartbeatAgeMs: 4_200,
  registeredAt: '2026-11-21T16:20:00.000Z',
  upMs: 3_600_000,
  statistics: [{ ...MEASURED, calls: 120, breaker: 'closed' }],
};

const agentSummary: AgentSummary = {
  id: agentId,
  name: 'triage',
  version: '1.0.0',
  description: 'Severity and owner of an incident',
  protocol: 'http',
  role: 'worker',
  state: 'ready',
  capabilities: ['triage'],
  instances: 1,
  labels: { team: 'ops' },
};

const agent: Agent = {
  ...agentSummary,
  capabilities: [{ name: 'triage', description: 'Severity and owner of an incident' }],
  instances: [instance],
  statistics: [{ ...MEASURED, calls: 240, reputation: 0.92 }],
  region: null,
  limits: {},
  createdAt: '2026-11-21T16:20:00.000Z',
};

const acceptedRun: AcceptedRun = { id: runId, status: 'accepted', links };

const runSummary: RunSummary = {
  id: runId,
  pattern: 'agent',
  workflow: null,
  status: 'completed',
  terminationReason: 'done',
  labels: { team: 'ops' },
  priority: 'normal',
  correlationId: 'ticket-4711',
  parentRunId: null,
  acceptedAt: '2026-11-21T16:30:00.000Z',
  startedAt: '2026-11-21T16:30:00.021Z',
  finishedAt: '2026-11-21T16:30:00.131Z',
};

const feedback: Feedback = {
  score: 0.9,
  comment: 'found the owner at once',
  by: apiKey.id,
  at: '2026-11-21T16:45:00.000Z',
};

const run: Run = {
  ...runSummary,
  with: { capability: 'triage' },
  input: 'Disk full on db-3',
  output: { severity: 'high', owner: 'storage' },
  degraded: false,
  contributions: [
    {
      callKey: 'call',
      agentId,
      agent: 'triage',
      version: '1.0.0',
      instanceId,
      role: null,
      round: null,
      attempts: 1,
      status: 'completed',
      queueMs: 2,
      execMs: 84,
      usage: { inputTokens: 31, outputTokens: 12, costUsd: 0.0004, calls: 1 },
      output: { severity: 'high', owner: 'storage' },
    },
  ],
  decisions: [],
  rounds: 0,
  usage: { inputTokens: 31, outputTokens: 12, costUsd: 0.0004, calls: 1 },
  budget: null,
  warnings: [],
  feedback: [feedback],
  error: null,
  deadlineAt: '2026-11-28T16:30:00.000Z',
  traceId: null,
  definitionHash: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
  links,
};

const approvalSummary: ApprovalSummary = {
  id: '019aa6f2-9d3e-7a41-b0c9-5e2d7f8a1c60',
  runId,
  path: '/steps/pay',
  kind: 'before',
  question: 'Refund 120 EUR to customer 4711?',
  assignees: ['finance'],
  status: 'approved',
  onTimeout: 'reject',
  level: 0,
  openedAt: '2026-11-21T16:30:00.060Z',
  dueAt: '2026-11-22T16:30:00.060Z',
  closedAt: '2026-11-21T16:41:12.400Z',
  decision: 'approve',
  decidedBy: { id: apiKey.id, name: 'finance' },
  comment: 'charged twice indeed',
};

const approval: Approval = {
  ...approvalSummary,
  subject: { customer: 4711, amount: 120 },
  schema: null,
  data: null,
};

const runEvent: RunEvent = {
  id: `${runId}:4`,
  position: 4,
  at: '2026-11-21T16:30:00.131Z',
  type: 'run.finished',
  data: { status: 'completed', terminationReason: 'done' },
};

const memorySummary: MemorySummary = {
  scope: 'session',
  scopeId: 'incident-4711',
  key: 'findings',
  version: 3,
  bytes: 47,
  updatedBy: { type: 'run', id: runId },
  createdAt: '2026-11-21T16:20:00.000Z',
  updatedAt: '2026-11-21T16:30:00.131Z',
  expiresAt: null,
};
const secret: SecretSummary = {
  name: 'pager',
  version: 1,
  updatedAt: '2026-11-21T16:30:00.131Z',
  updatedBy: { type: 'api-key', id: apiKey.id },
};
const memoryHit: MemoryHit = { ...memorySummary, rank: 0.1, snippet: '**Disk** **full** on db-3' };

const bulkCounts = {
  total: 2,
  accepted: 0,
  running: 0,
  completed: 2,
  partial: 0,
  failed: 0,
  canceled: 0,
  timed_out: 0,
  budget_exceeded: 0,
  rejected: 0,
};
const bulkItem = {
  index: 0,
  status: 'completed',
  terminationReason: 'done',
  output: { severity: 'high', owner: 'storage' },
  error: null,
  degraded: false,
  warnings: [],
  runId: '019aa6f2-7c1c-7b6e-a1b2-c3d4e5f60719',
  startedAt: '2026-11-21T16:30:00.021Z',
  finishedAt: '2026-11-21T16:30:00.131Z',
};

/** What `Accept: text/event-stream` gets. */
export const STREAM_EXAMPLE = `id: ${runEvent.position}\nevent: ${runEvent.type}\ndata: ${JSON.stringify(runEvent)}\n\n`;

/** An answer of each schema, by its id. */
export const ANSWER_EXAMPLES: Record<string, Json> = {
  ...BUS_EXAMPLES,
  Organisation: organisation,
  CreatedOrganisation: { ...organisation, key },
  ApiKey: apiKey,
  CreatedApiKey: { ...apiKey, lastUsedAt: null, key },
  RegisteredAgent: registered,
  AgentSummary: agentSummary,
  Agent: agent as unknown as Json,
  ...SEARCH_EXAMPLES,
  HeartbeatAnswer: { lease },
  AcceptedRun: acceptedRun,
  Feedback: feedback,
  RunSummary: runSummary,
  Run: run as unknown as Json,
  RunEvent: runEvent as unknown as Json,
  Secret: secret,
  ...POOL_EXAMPLES,
  ...RESOURCE_EXAMPLES,
  ...OPERATIONS_EXAMPLES,
  ...SESSION_EXAMPLES,
  MemorySummary: memorySummary,
  MemoryEntry: { ...memorySummary, value: ['Disk full on db-3', 'Old logs were deleted'] },
  MemoryHit: memoryHit,
  LaterReceipt: { duplicate: false },
  ApprovalSummary: approvalSummary,
  Approval: approval as unknown as Json,
  AuditEntry: {
    seq: 17,
    at: '2026-11-21T16:30:00.000Z',
    actor: { type: 'api_key', id: apiKey.id, via: 'api' },
    action: 'api_key.created',
    target: apiKey.id,
    outcome: 'ok',
    requestId: '019aa6f2-7c1c-7b6e-a1b2-c3d4e5f60718',
    ip: '127.0.0.1',
    changedFields: [],
    prevHash: '0'.repeat(64),
    hash: 'c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2',
  },
  AuditVerification: { ok: true, count: 17, firstBadSeq: null },
  AcceptedBulk: { ...acceptedRun, bulk: { ...bulkCounts, accepted: 2, completed: 0 } },
  BulkItem: bulkItem,
  BulkItemDetail: { ...bulkItem, input: 'Disk full on db-3', contributions: run.contributions } as unknown as Json,
  ...WORKFLOW_EXAMPLES,
  Live: { status: 'live' },
  Ready: { status: 'ready', parts: { postgres: 'up', temporal: 'up' } },
};
