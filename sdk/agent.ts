import { pino } from 'pino';
import { z } from 'zod';
import type { Capability, RegisteredAgent } from '../contracts/agents.js';
import { AgentLease } from './agent-lease.js';
import type { AgentOptions, CapabilityOptions, RunningAgent } from './agent-options.js';
import { AgentServer } from './agent-server.js';
import { AgentTasks } from './agent-tasks.js';
import { AgentSessions } from './agent-sessions.js';
import { AgentState } from './agent-state.js';
import { BrikkClient } from './client.js';
import { environment } from './env.js';
import { loadMeter } from './own-load.js';
import { joinProcess } from './own-process.js';

export type { Bid } from '../contracts/agent-protocol.js';
export {
  type AgentOptions,
  type CapabilityOptions,
  Deferred,
  type IncomingCall,
  InputRequired,
  type RunningAgent,
  type TaskContext,
  TaskRejected,
} from './agent-options.js';
export type { AgentSession } from './agent-sessions.js';
export type { AgentState } from './agent-state.js';
export { BrikkApiError } from './api-error.js';
export type { AgentProgress } from '../contracts/agent-progress.js';
export { answerCall, type LaterBody, reportProgress } from './later-work.js';

/**
 * Makes functions an agent: serves them over HTTP, registers them, renews the lease, and leaves in order when the
 * process is told to stop. Resolves once registered, however long the API takes to come up; fails with BrikkApiError
 * when it refuses. Input is checked by the capability's schema (422), a repeated idempotency key gets the first
 * answer, more than `maxConcurrency` tasks at once get 429.
 */
export async function serveAgent<Inputs extends Record<string, unknown>>(
  options: AgentOptions<Inputs>,
): Promise<RunningAgent> {
  const own = (options.ownsProcess ?? true) ? joinProcess() : undefined;
  const { name, version, host = '127.0.0.1', maxConcurrency = 4, ttlSeconds = 30, drainMs = 8_000 } = options;
  const log = options.log ?? pino({ name });
  const capabilities = options.capabilities as unknown as Record<string, CapabilityOptions>;
  const client = new BrikkClient({ url: options.apiUrl, apiKey: options.apiKey, retry: { maxAttempts: 1 } });
  const { memory, sessions: sessionsClient } = new BrikkClient({ url: options.apiUrl, apiKey: options.apiKey });
  const registered = (): RegisteredAgent => registeredBy(lease);
  const state = new AgentState(memory, () => registered().id);
  const sessions = new AgentSessions(sessionsClient, registered, log);
  const session = sessions.open.bind(sessions);
  const tasks = new AgentTasks(capabilities, maxConcurrency, { log, state, session });
  const server = new AgentServer({
    tasks,
    log,
    maxBodyBytes: options.maxBodyBytes ?? 2 ** 24,
    health: options.health,
    authenticate: options.authenticate,
  });
  const ownSecret = options.signingSecret ?? environment.signingSecret;

  await options.onInit?.();
  const port = await server.listen(host, options.port ?? environment.ports ?? 0);
  const url = options.endpoint ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const measure = loadMeter();
  const lease = new AgentLease({
    client,
    registration: {
      name,
      version,
      protocol: 'http',
      endpoint: url,
      maxConcurrency,
      ttlSeconds,
      limits: options.adaptive ? { adaptive: true } : undefined,
      description: options.description,
      labels: options.labels,
      region: options.region,
      role: options.role,
      standby: environment.standby,
      capabilities: Object.entries(capabilities).map(([capability, of]) => contract(capability, of)),
    },
    ttlSeconds,
    log,
    beat: () => measure(tasks),
    onRegistered: ({ signingSecret }) => {
      if (ownSecret !== undefined && signingSecret !== undefined && ownSecret !== signingSecret)
        log.error('the signing secret of this agent is not the one that the registry signs with');
      server.signingSecret = ownSecret ?? signingSecret ?? server.signingSecret;
      if (server.state === 'starting') server.state = 'serving';
    },
    onRecovered: () => options.onRecover?.(agent),
  });

  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= shutDown());
  async function shutDown(): Promise<void> {
    await options.onDrain?.();
    await lease.end();
    server.state = 'draining';
    await tasks.drained(drainMs);
    await sessions.close();
    await server.close();
    await options.onShutdown?.();
    log.info('stopped');
  }
  own?.stopWith(stop);

  const agent: RunningAgent = {
    get id() {
      return registered().id;
    },
    get instanceId() {
      return registered().instanceId;
    },
    url,
    stop,
  };
  await lease.begin().catch(async (error: unknown) => {
    await (stopped ?? server.close());
    throw error;
  });
  log.info({ url, capabilities: Object.keys(capabilities) }, 'ready');
  await options.onReady?.(agent);
  own?.sayReady({ name, url, id: agent.id, instanceId: agent.instanceId });
  return agent;
}

function registeredBy({ registered }: AgentLease): RegisteredAgent {
  if (registered) return registered;
  throw new Error('the agent is not registered yet');
}

function contract(name: string, options: CapabilityOptions): Capability {
  const { input, output, handler: _h, canHandle: _c, bid: _b, plan: _p, decide: _d, ...declared } = options;
  return {
    name,
    ...declared,
    ...(input ? { inputSchema: jsonSchemaOf(input, 'input') } : {}),
    ...(output ? { outputSchema: jsonSchemaOf(output, 'output') } : {}),
  };
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output') {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Capability['inputSchema'];
}
