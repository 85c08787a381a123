import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { BreakerTransition, CallStat, Candidate } from '../../contracts/candidates.js';
import type { BudgetRefusal, BudgetRequest } from '../../contracts/budget-ledger.js';
import type { NewRunEvent } from '../../contracts/events.js';
import type { ConsolidatedRequest, ConsolidatedStanding } from '../../contracts/consolidation.js';
import type { LeaseAnswer, LeaseRequest } from '../../contracts/needs.js';
import type { QuotaGrant } from '../../contracts/quotas.js';
import type { Lessons } from '../../contracts/selection.js';
import type { Json } from '../../contracts/json.js';
import type { KeptTurn, LlmAgent } from '../../contracts/llm-agents.js';
import { WebConnector } from '../../connectors/web/web.connector.js';
import type { AgentCall, CallBatch, CallOutcome, FinishedCall } from '../../contracts/run-workflow.js';
import type { AnsweredAttempt, WaitingCall } from '../../contracts/later-answers.js';
import { HttpAgentConnector } from '../../connectors/http/http-agent.connector.js';
import { addressRule, LOOPBACK_NETWORKS } from '../../connectors/lib/address-rule.js';
import type { Value } from '../../contracts/values.js';
import { packed } from '../../workflows/lib/pack-batch.js';
import { createAgentActivities } from '../../activities/agent.activities.js';
import type { JournalRow } from '../../activities/dependencies.js';
import { termsOf } from './terms-of.js';
import { certificatesOf, outsideOf, remoteParts, remoteRecordOf } from './house-remotes.js';

type Answer = (request: AgentRequest, response: ServerResponse, incoming: IncomingMessage) => unknown;

/** What the house opened; a spec that needs it closed early closes it itself. */
export const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A house around the activities: agents over real HTTP, the record in lists. */
export function createHouse() {
  const connector = new HttpAgentConnector(addressRule(LOOPBACK_NETWORKS));
  const house = {
    candidates: [] as Candidate[],
    known: true,
    stored: new Map<string, Json>(),
    rows: new Map<string, JournalRow>(),
    /** Calls that are answered later, and answers that come before that is noted. */
    pending: new Map<string, WaitingCall>(),
    early: new Map<string, WaitingCall['answer']>(),
    callbackUrl: 'http://127.0.0.1:1/v1/calls/token' as string | undefined,
    /** What callback URLs were made for. */
    awaited: [] as AnsweredAttempt[],
    written: [] as NewRunEvent[],
    order: [] as string[],
    stats: [] as CallStat[],
    breakers: [] as BreakerTransition[],
    /** Failures that the next records meet. */
    outages: [] as Error[],
    reads: 0,
    p95Ms: null as number | null,
    /** Somebody asked the run to pause or to cancel. */
    isHeld: false,
    reserved: [] as BudgetRequest[],
    /** What the ledgers say; they cover everything unless told otherwise. */
    refuse: (_request: BudgetRequest): BudgetRefusal | undefined => undefined,
    joined: [] as ConsolidatedRequest[],
    /** Where calls stand among their equals; each is sent unless told otherwise. */
    consolidate: (_request: ConsolidatedRequest): ConsolidatedStanding => ({ leads: true }),
    leased: [] as LeaseRequest[],
    /** What is told of resources; there is enough of them unless told otherwise. */
    lease: (_request: LeaseRequest): LeaseAnswer => ({ state: 'held', waitedMs: 0 }),
    /** Attempts that asked for a quota, and what covers them; there is none unless told otherwise. */
    counted: 0,
    cover: (_asked: number): QuotaGrant | undefined => undefined,
    winTrials: true,
    /** What is kept of a secret is the secret, unless told otherwise. */
    signing: (kept: string): string | Promise<string> => kept,
    lessonsRead: 0,
    /** Models by the id of their agent, what they asked for, and the secrets that there are. */
    models: new Map<string, LlmAgent>(),
    turns: new Map<string, KeptTurn[]>(),
    ...remoteParts(),
    lessons: { settings: { learned: true, costWeight: 0, latencyWeight: 0, explore: 0.1 }, lessons: [] } as Lessons,
  };
  const web = new WebConnector(addressRule(LOOPBACK_NETWORKS));
  const turnsOf = ({ callKey, agentId }: { callKey: string; agentId: string }) => {
    const name = `${callKey} ${agentId}`;
    return house.turns.get(name) ?? house.turns.set(name, []).get(name)!;
  };
  const outside = outsideOf(house, web);
  const activities = createAgentActivities({
    connector,
    remote: { ...outside, record: remoteRecordOf(house) },
    llm: {
      ...outside,
      record: {
        load: (_org, agentId) => Promise.resolve(house.models.get(agentId)),
        turns: (place) => Promise.resolve([...turnsOf(place)]),
        keep: (place, turn, content) => {
          const kept = (turnsOf(place)[turn - 1] ??= structuredClone(content));
          house.order.push(`keep ${place.callKey} ${turn}`);
          return Promise.resolve(kept);
        },
      },
    },
    certificates: certificatesOf(house),
    signing: { open: (_org, _agentId, kept) => house.signing(kept) },
    log: { warn: () => undefined },
    random: () => 0.5,
    unreachablePatienceMs: 400,
    registry: {
      findCandidates: (_org, target) =>
        Promise.resolve(
          house.candidates.filter(
            ({ capability, agent: name }) =>
              capability === (target.capability ?? capability) && name === (target.agent ?? name),
          ),
        ),
      isKnown: () => Promise.resolve(house.known),
      readLessons: () => {
        house.lessonsRead += 1;
        return Promise.resolve(house.lessons);
      },
      readContextRoom: () => Promise.resolve({ tokens: null, inputSchemas: [] }),
      readHistory: () => Promise.resolve({ tokens: 40, costUsd: null, latencyMs: house.p95Ms }),
      recordCallStats: (stats) => Promise.resolve(void house.stats.push(...stats)),
      recordBreaker: (transition) => {
        house.breakers.push(transition);
        return Promise.resolve(house.winTrials);
      },
    },
    journal: {
      outcomes: (_org, _run, keys) => {
        house.reads += 1;
        return Promise.resolve(
          new Map(keys.flatMap((key) => (house.rows.has(key) ? [[key, house.rows.get(key)!]] : []))),
        );
      },
      record: (_org, _run, row) => {
        const outage = house.outages.shift();
        if (outage) return Promise.reject(outage);
        house.order.push(`record ${row.key}`);
        house.rows.set(row.key, row);
        const { path: _path, startedAt: _startedAt, role: _role, round: _round, capability: _what, ...finished } = row;
        return Promise.resolve({ call: finished, isHeld: house.isHeld });
      },
    },
    events: {
      append: (_org, _run, events) => {
        house.written.push(...events);
        house.order.push(...events.map(({ key }) => `event ${key}`));
        return Promise.resolve();
      },
    },
    callbacks: {
      prepare: () => undefined,
      urlFor: (attempt) => {
        house.awaited.push(attempt);
        return house.callbackUrl;
      },
    },
    pending: {
      open: (_run, { key, progress, event }) => {
        const waiting: WaitingCall = { key, progress, answer: house.early.get(key) };
        house.early.delete(key);
        house.pending.set(key, waiting);
        house.written.push(event);
        return Promise.resolve(waiting);
      },
      find: (_run, keys) => Promise.resolve(new Map([...house.pending].filter(([key]) => keys.includes(key)))),
    },
    budgets: {
      reserve: (_org, _run, requests) => {
        house.reserved.push(...requests);
        return Promise.resolve(requests.map((request) => house.refuse(request)));
      },
      close: () => Promise.resolve(),
      raise: (_org, _run, { by }) => Promise.resolve({ by }),
    },
    consolidation: {
      join: (_org, request) => {
        house.joined.push(request);
        return Promise.resolve(house.consolidate(request));
      },
    },
    leases: {
      ask: (_org, requests) => {
        house.leased.push(...requests);
        return Promise.resolve(requests.map((request) => house.lease(request)));
      },
    },
    quotas: {
      take: (_org, asked) => {
        house.counted += asked;
        return Promise.resolve(house.cover(asked));
      },
    },
    payloads: {
      store: (_org, _run, json) => {
        const ref = `payload-${house.stored.size}`;
        house.stored.set(ref, json);
        return Promise.resolve({ ref, bytes: JSON.stringify(json).length });
      },
      materialise: (_org, value: Value) =>
        Promise.resolve(
          'inline' in value ? value.inline : 'ref' in value ? (house.stored.get(value.ref) as Json) : null,
        ),
    },
  });
  closing.push(async () => {
    await activities.close();
    await connector.close();
    await web.close();
  });

  const agent = async (name: string, answer: Answer, change: Partial<Candidate> = {}) => {
    const requests: AgentRequest[] = [];
    const server: Server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const request = JSON.parse(Buffer.concat(chunks).toString()) as AgentRequest;
        requests.push(request);
        house.order.push(`ask ${name}`);
        const said = answer(request, response, incoming);
        if (said !== undefined) response.end(JSON.stringify(said));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const close = () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    closing.push(close);
    const candidate: Candidate = {
      agentId: `id-${name.replace(/\d+$/, '')}`,
      agent: name,
      version: '1.0.0',
      instanceId: `instance-${name}`,
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      capability: 'triage',
      maxConcurrency: 4,
      inFlight: 0,
      load: null,
      latencyMs: null,
      successRate: null,
      costUsd: null,
      breaker: 'closed',
      labels: {},
      ...change,
    };
    house.candidates.push(candidate);
    return { requests, candidate, close };
  };

  /** The outcomes, each with what the journal has of it besides. */
  const run = async (
    { calls = [], ...given }: Partial<Omit<CallBatch, 'terms' | 'calls'>> & { calls?: AgentCall[] },
    environment = new MockActivityEnvironment(),
  ): Promise<CallOutcome[]> => {
    const batch: CallBatch = {
      orgId: 'org-1',
      runId: 'run-1',
      deadlineAt: Date.now() + 60_000,
      priority: 'normal',
      resumed: false,
      ...packed(
        calls.map(({ following = [], ...call }) => ({
          call,
          terms: termsOf(call),
          bytes: 0,
          termsBytes: 0,
          following: following.map((next) => ({ call: next, terms: termsOf(next) })),
        })),
      ),
      events: [],
      ...given,
    };
    const outcomes: CallOutcome[] = await environment.run(() => activities.callAgents(batch));
    return outcomes.map((outcome) => ('status' in outcome ? { ...house.rows.get(outcome.key), ...outcome } : outcome));
  };
  return { house, agent, run, outside };
}

export const callOf = (key: string, change: Partial<AgentCall> = {}): AgentCall => ({
  key,
  path: `/steps/${key}`,
  target: { capability: 'triage' },
  select: 'round-robin',
  input: { inline: { key } },
  timeout: { attemptMs: 2_000, totalMs: 10_000 },
  retry: { maxAttempts: 3, initialMs: 5, factor: 2, maxMs: 20, jitter: 0, nonRetryable: [] },
  idempotent: false,
  ...change,
});
export const refuse =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, headers);
    return {};
  };
export const echo: Answer = ({ input }) => ({ output: input });
export const finished = (outcome: CallOutcome | undefined) => outcome as FinishedCall;
