import type { AgentHistory, Candidate } from '../contracts/candidates.js';
import type { AgentRegistry } from './dependencies.js';

const FRESH_MS = 5_000;
const MAX_KEPT = 1_000;

/** What agents' answers kept to, read when somebody asks and at most 5 s old. */
export class AgentHistories {
  private readonly kept = new Map<string, { readAt: number; history: Promise<AgentHistory> }>();

  constructor(private readonly registry: Pick<AgentRegistry, 'readHistory'>) {}

  find(orgId: string, { agentId, capability }: Candidate): Promise<AgentHistory> {
    const name = `${agentId} ${capability}`;
    const known = this.kept.get(name);
    if (known && Date.now() - known.readAt < FRESH_MS) return known.history;
    const [oldest] = this.kept.keys();
    if (this.kept.size >= MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
    const history = this.registry.readHistory(orgId, agentId, capability);
    history.catch(() => this.kept.delete(name));
    this.kept.set(name, { readAt: Date.now(), history });
    return history;
  }
}
