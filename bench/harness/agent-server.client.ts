import { Pool } from 'undici';
import { Child } from './child.js';

/** One request as the agent server saw it; times are milliseconds since the epoch. */
export interface AgentCallSeen {
  key: string;
  runId: string;
  endpoint: string;
  receivedAt: number;
  answeredAt?: number;
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
  /** The calls it has told of; complete when it is dead. */
  readonly told: AgentCallSeen[] = [];

  private constructor(
    private readonly child: Child<{ type: 'ready'; port: number }>,
    private readonly pool: Pool,
    readonly url: string,
  ) {
    child.onMessage((message) => this.hear(message as AgentCallSeen));
  }

  /** With `tells` it says each call when it comes and when it is answered, so that a kill loses no knowledge. */
  static async start({ tells = false }: { tells?: boolean } = {}): Promise<AgentServer> {
    const child = await Child.start<{ type: 'ready'; port: number }>('agent-server', tells ? { BENCH_TELLS: '1' } : {});
    const url = `http://127.0.0.1:${child.ready.port}`;
    return new AgentServer(child, new Pool(url, { connections: 1 }), url);
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Calls told of that have no answer yet. */
  get serving(): number {
    return this.told.filter(({ answeredAt }) => answeredAt === undefined).length;
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

  async stop(): Promise<void> {
    await this.child.kill('SIGTERM');
    await this.pool.destroy();
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.child.kill('SIGKILL');
    await this.pool.destroy();
  }

  private hear(call: AgentCallSeen): void {
    const known = this.told.find(({ receivedAt, key }) => receivedAt === call.receivedAt && key === call.key);
    if (known) known.answeredAt = call.answeredAt;
    else this.told.push(call);
  }

  private async ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const { body: answer } = await this.pool.request({ method, path, body: body ? JSON.stringify(body) : undefined });
    return (await answer.json()) as T;
  }
}
