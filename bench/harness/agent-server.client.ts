import { Pool } from 'undici';
import { Child } from './child.js';

/** One request as the agent server saw it; times are milliseconds since the epoch. */
export interface AgentCallSeen {
  key: string;
  runId: string;
  endpoint: string;
  receivedAt: number;
  answeredAt?: number;
  /** The caller's connection ended before the answer was out. */
  cutOffAt?: number;
}

/** Counted by run and idempotency key since the last reset. */
export interface AgentServerStats {
  calls: number;
  endpoints: number;
  duplicates: number;
  delayMs: number;
}

/** In the order of arrival. */
export function callsByRun(calls: readonly AgentCallSeen[]): Map<string, AgentCallSeen[]> {
  const byRun = new Map<string, AgentCallSeen[]>();
  for (const call of calls) {
    const ofRun = byRun.get(call.runId);
    if (ofRun) ofRun.push(call);
    else byRun.set(call.runId, [call]);
  }
  return byRun;
}

/** The agent server's process and its two control routes. */
export class AgentServer {
  private constructor(
    private readonly child: Child<{ type: 'ready'; port: number }>,
    private readonly pool: Pool,
    readonly url: string,
  ) {}

  static async start(): Promise<AgentServer> {
    const child = await Child.start<{ type: 'ready'; port: number }>('agent-server');
    const url = `http://127.0.0.1:${child.ready.port}`;
    return new AgentServer(child, new Pool(url, { connections: 1 }), url);
  }

  get pid(): number {
    return this.child.pid;
  }

  reset(delayMs: number): Promise<AgentServerStats> {
    return this.ask('POST', '/reset', { delayMs });
  }

  stats(): Promise<AgentServerStats> {
    return this.ask('GET', '/stats');
  }

  calls(): Promise<AgentCallSeen[]> {
    return this.ask('GET', '/calls');
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.child.kill(signal);
    await this.pool.destroy();
  }

  private async ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const { body: answer } = await this.pool.request({ method, path, body: body ? JSON.stringify(body) : undefined });
    return (await answer.json()) as T;
  }
}
