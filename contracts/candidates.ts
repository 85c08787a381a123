import type { AgentProtocol } from './agents.js';
import type { CallTimeout, Retry } from './calls.js';
import type { SchemaDocument } from './json.js';
import type { MadeChoice } from './selection.js';

/**
 * One live instance of an agent that can take a call, as the registry knows it. `capability` is the one that the call
 * names; for a call that names only an agent it is the agent's first one.
 */
export interface Candidate {
  agentId: string;
  agent: string;
  version: string;
  instanceId: string;
  endpoint: string;
  /** Absent: Brikk's own. */
  protocol?: Exclude<AgentProtocol, 'http'>;
  capability: string;
  maxConcurrency: number;
  /** It gets fewer calls at once while its answers are slower than usual. */
  adaptive?: true;
  /** The last shared count; a worker adds what it has in flight itself. */
  inFlight: number;
  /** 0 to 1 as the agent reported it; null when it never did. */
  load: number | null;
  /** Exponentially weighted mean of the capability's answers; null until it has answered. */
  latencyMs: number | null;
  /** 0 to 1; null until it has been called. */
  successRate: number | null;
  /** 0 to 1, the discounted mean of feedback on the agent in this capability; absent without any. */
  reputation?: number;
  costUsd: number | null;
  /**
   * By the database's clock, the worse one of the instance's and the capability's. `half-open`: the open time has passed,
   * and one trial call decides.
   */
  breaker: 'closed' | 'open' | 'half-open';
  /** Of this capability of the instance; absent where its agent has no other one. */
  capabilityBreaker?: 'closed' | 'open' | 'half-open';
  /** Of a pool that goes on with fewer than it is to have. */
  degraded?: true;
  labels: Record<string, string>;
  inputSchema?: SchemaDocument;
  outputSchema?: SchemaDocument;
  /** As it is kept: sealed, as a rule. */
  signingSecret?: string;
  /** The connection whose certificate is shown to it. */
  clientCertificate?: string;
  region?: string;
  defaults?: { timeout?: CallTimeout; retry?: Retry };
}

/** What one attempt taught about a capability of an instance. */
export interface CallStat {
  orgId: string;
  agentId: string;
  instanceId: string;
  capability: string;
  succeeded: boolean;
  latencyMs: number;
  costUsd: number;
  /** As the agent reported them. */
  tokens?: number;
  /** Where selection learns from it. */
  choice?: MadeChoice;
}

/**
 * A transition of breakers that all workers share, of an instance and of a capability of it. `open` lasts 1 s × times
 * opened, at most 60 s; `half-open` is won by one worker once that time has passed, whose trial call then closes what was
 * not closed (`closed` forgets the count), or opens it again (`reopened`). The repository answers whether this caller made
 * the transition.
 */
export interface BreakerTransition {
  orgId: string;
  instanceId: string;
  /** It alone is opened; a trial decides about it and about its instance. Absent: the instance's alone. */
  capability?: string;
  to: 'open' | 'half-open' | 'closed' | 'reopened';
  /** With `half-open`: how long the trial may take; after that another one is made. */
  trialMs?: number;
}

/** What 95 % of an agent's answers kept to; null without a record. */
export interface AgentHistory {
  tokens: number | null;
  /** US dollars. */
  costUsd: number | null;
  latencyMs: number | null;
}

/** What the agents of a target declare to take in. */
export interface DeclaredRoom {
  /** The least `limits.contextTokens`; null where none declares it. */
  tokens: number | null;
  /** Of the target's capability, each once. */
  inputSchemas: SchemaDocument[];
}
