import { Pool } from 'undici';
import { Child } from './child.js';

/** `slow`: two of the agents are ten times slower. `failing`: one fails half of its calls within 2 ms. */
export type MixedPhase = 'even' | 'slow' | 'failing';

/** An item that an agent has answered, at milliseconds since the epoch. */
export interface MixedAnswer {
  n: number;
  at: number;
}

/** The process of the twenty agents of unequal speed. */
export class MixedAgents {
  private constructor(
    private readonly child: Child<{ type: 'ready'; port: number }>,
    private readonly pool: Pool,
    readonly endpoints: string[],
  ) {}

  static async start(): Promise<MixedAgents> {
    const child = await Child.start<{ type: 'ready'; port: number }>('mixed-agents');
    const url = `http://127.0.0.1:${child.ready.port}`;
    const endpoints = Array.from({ length: 20 }, (_, place) => `${url}/${place}`);
    return new MixedAgents(child, new Pool(url, { connections: 1 }), endpoints);
  }

  async enter(phase: MixedPhase): Promise<void> {
    await this.ask('POST', '/phase', { phase });
  }

  /** What was answered before is forgotten. */
  async reset(): Promise<void> {
    await this.ask('POST', '/reset', {});
  }

  answered(): Promise<MixedAnswer[]> {
    return this.ask('GET', '/answered');
  }

  async stop(): Promise<void> {
    await this.child.kill('SIGTERM');
    await this.pool.destroy();
  }

  private async ask<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const { body: answer } = await this.pool.request({ method, path, body: body && JSON.stringify(body) });
    return (await answer.json()) as T;
  }
}
