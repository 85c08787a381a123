import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { AgentProgress } from '../contracts/agent-progress.js';
import type { Bid } from '../contracts/agent-protocol.js';
import type { Capability, RegisterAgent } from '../contracts/agents.js';
import type { Json, SchemaDocument } from '../contracts/json.js';
import type { Usage } from '../contracts/usage.js';
import type { AgentSession } from './agent-sessions.js';
import type { AgentState } from './agent-state.js';

/** What a handler knows about the call it works on. */
export interface TaskContext {
  /** Aborts at the deadline, when the agent is stopped, and when nobody waits for the answer any more. */
  signal: AbortSignal;
  /** The same for every attempt of one call: pass it on to whatever must not happen twice. */
  idempotencyKey: string;
  /** Milliseconds for this attempt, from its arrival. */
  deadlineMs: number;
  runId: string;
  step: string;
  attempt: number;
  traceparent: string | undefined;
  /** What the pattern tells beside the input: `history`, `sentBack`, `answers`, `role`, `round`. */
  context: Json;
  /** Answers of persons to what this call asked before, in order. */
  answers: { question: string; answer: Json }[];
  log: Logger;
  /** What the agent keeps beyond its processes. */
  state: AgentState;
  /** The session under a key that callers agree on, which this instance has from now on. */
  session: (key: string, options?: { ttlMs?: number }) => Promise<AgentSession>;
  /** Where the answer can be posted later; undefined when nobody listens. */
  callbackUrl: string | undefined;
  /**
   * Returned by a handler, answers 202 at once: `work` goes on in the call's whole time and what it gives is posted, or
   * why it failed. Without `work` somebody else posts to `callbackUrl`, by `answerCall` for example.
   */
  defer: (work?: (context: TaskContext) => unknown) => Deferred;
  /**
   * Tells how far the work is; each field replaces what was told before, an empty one says that the agent is alive. As often
   * as the work likes: few of them are sent.
   */
  progress: (progress: AgentProgress) => void;
  /** How sure the answer is (0 to 1) and what it cost; the last report counts. */
  report: (facts: { confidence?: number; usage?: Omit<Usage, 'calls'> }) => void;
}

/** What an agent's handlers are given with every call. */
export type AgentRoom = Pick<TaskContext, 'log' | 'state' | 'session'>;

/** An answer that comes later; made by `defer`. */
export class Deferred {
  /** @internal */
  constructor(
    /** What is done meanwhile; without it somebody else posts the answer. */
    readonly work: ((context: TaskContext) => unknown) | undefined,
  ) {}
}

/** One service of the agent. The zod schemas check every call and become the registered contract. */
export interface CapabilityOptions<Input = unknown> extends Omit<Capability, 'name' | 'inputSchema' | 'outputSchema'> {
  input?: z.ZodType<Input>;
  output?: z.ZodType;
  /**
   * Throw TaskRejected for a task that no repeat can save; any other error is tried again elsewhere. A generator streams: the
   * text that it yields is told while it works, what it returns is the output (nothing: all of its text).
   */
  handler: (input: Input, context: TaskContext) => unknown;
  /**
   * Whether the agent takes this task: false, or why not. A task that it does not take is refused (422) and goes to
   * another agent; no bid is made for it.
   */
  canHandle?: (input: Input, context: TaskContext) => boolean | string | Promise<boolean | string>;
  /**
   * What the task would cost: an offer, or why there is none (FIPA SC00029, propose and refuse). `call` is what the
   * pattern sends, as docs/patterns/market.md shows it.
   */
  bid?: (
    call: unknown,
    context: TaskContext,
  ) => Bid | { refuse: string } | Deferred | Promise<Bid | { refuse: string } | Deferred>;
  /** How the goal is reached: tasks for others, as docs/patterns/plan.md shows them. */
  plan?: (call: unknown, context: TaskContext) => unknown;
  /** A choice that a pattern leaves to an agent: who speaks next, what counts, which value stands. */
  decide?: (call: unknown, context: TaskContext) => unknown;
}

/** An agent: its name and version, what it can do, and how it is served. */
export interface AgentOptions<Inputs extends Record<string, unknown> = Record<string, unknown>> {
  name: string;
  /** Semantic version. */
  version: string;
  description?: string;
  capabilities: { [Name in keyof Inputs]: CapabilityOptions<Inputs[Name]> };
  /** Tasks at the same time, 4 unless said; more are answered 429. */
  maxConcurrency?: number;
  /** Brikk sends fewer at once while answers are slower than usual. */
  adaptive?: boolean;
  /** 0 takes a free port; in a range the first free one. That of `BRIKK_AGENT_PORTS` unless said, else 0. */
  port?: number | { from: number; to: number };
  /** 127.0.0.1 unless said. */
  host?: string;
  /** The address Brikk calls, when it is not `http://host:port`. */
  endpoint?: string;
  apiUrl?: string;
  apiKey?: string;
  /** Requests must be signed with this; default: `BRIKK_AGENT_SECRET`, else what the registration gives. */
  signingSecret?: string;
  /** Lease, 30 unless said; 0 never expires. */
  ttlSeconds?: number;
  labels?: Record<string, string>;
  region?: string;
  role?: RegisterAgent['role'];
  maxBodyBytes?: number;
  /** How long a stop waits for tasks in flight; 8 seconds unless said. */
  drainMs?: number;
  log?: Logger;
  /** Stop on SIGTERM, SIGINT and a lost parent, then exit; true unless said. */
  ownsProcess?: boolean;
  /** Who else has to agree to a request, before its body is read: false or a throw is 401. The signature comes after. */
  authenticate?: (request: IncomingCall) => boolean | Promise<boolean>;
  /** Before anything is served or registered; a throw ends the start. */
  onInit?: () => unknown;
  /** Once registered, before the process says that it is ready. */
  onReady?: (agent: RunningAgent) => unknown;
  /** The registry had forgotten the instance (an outage longer than its lease), and knows it again, by a new id perhaps. */
  onRecover?: (agent: RunningAgent) => unknown;
  /** The stop begins: tasks in flight go on. */
  onDrain?: () => unknown;
  /** Nothing is in flight any more, and the port is closed. */
  onShutdown?: () => unknown;
  /** Added to the answer of `GET /health`; a throw makes it 503. */
  health?: () => unknown;
}

/** The head of a request to the agent. */
export interface IncomingCall {
  headers: IncomingHttpHeaders;
  remoteAddress: string | undefined;
}

/** An agent that is served and registered. */
export interface RunningAgent {
  id: string;
  instanceId: string;
  url: string;
  /** Leaves the registry, finishes tasks in flight, closes. A repeat waits for the first. */
  stop(): Promise<void>;
}

/**
 * Thrown by a handler that has to know something first. A person answers, and the handler is called again with all
 * answers so far in `answers`.
 */
export class InputRequired extends Error {
  override readonly name = 'InputRequired';

  constructor(
    readonly question: string,
    /** JSON Schema of the answer. */
    readonly schema?: SchemaDocument,
  ) {
    super(question);
  }
}

/** The task is wrong for this agent, and a repeat would be, too. Brikk does not try it here again. */
export class TaskRejected extends Error {
  override readonly name = 'TaskRejected';
}
