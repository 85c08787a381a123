import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import { CountingAgent } from '../support/counting-agent.js';

/** A call as an agent saw it; `at` is in milliseconds since the epoch. */
export interface Seen {
  runId: string;
  key: string;
  at: number;
}

const WORKS_MS = 20;

/** An agent that adds one, and keeps who asked it. */
export class AddingAgent {
  private constructor(
    private readonly agent: CountingAgent,
    readonly seen: Seen[],
  ) {}

  static async listen(): Promise<AddingAgent> {
    const seen: Seen[] = [];
    const add = (input: Json, { run, idempotencyKey }: AgentRequest) => {
      seen.push({ runId: run.id, key: idempotencyKey, at: Date.now() - WORKS_MS });
      return (input as number) + 1;
    };
    return new AddingAgent(await CountingAgent.listen(WORKS_MS, add), seen);
  }

  get url(): string {
    return this.agent.url;
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}
