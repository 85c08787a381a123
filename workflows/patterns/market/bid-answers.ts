import type { Json } from '../../../contracts/json.js';
import type { CallTask } from '../../lib/call-shape.js';
import type { CallSpec, PatternContext } from '../../lib/pattern-context.js';
import { inline } from '../../lib/values.js';
import type { Offer } from './auction-rules.js';

/** An answer is a courtesy of milliseconds: who does not take it does not hold up the run. */
const ANSWER_MS = 1_000;

/**
 * Tells each bidder once what became of its offer (accept-proposal and reject-proposal of FIPA SC00029) by a call of
 * kind `decide`. An agent that cannot take the answer changes nothing. Answers go out although the run is canceled.
 */
export class BidAnswers {
  private readonly told = new Set<string>();
  private readonly sent: Promise<unknown>[] = [];
  private readonly ctx: PatternContext;

  constructor(
    ctx: PatternContext,
    private readonly task: Pick<CallTask, 'capability' | 'labels' | 'version'>,
  ) {
    this.ctx = ctx.shielded();
  }

  /** `items` and `units` say which tasks of an exchange it is to do. */
  accept(offer: Offer, priceUsd: number, share: { items?: number[]; units?: number } = {}): void {
    this.tell([offer], 'accept', { price: priceUsd, ...share });
  }

  /** Everyone who has no answer yet. */
  reject(offers: Iterable<Offer>): void {
    this.tell([...offers], 'reject', {});
  }

  /** When every answer has been taken or given up. */
  async delivered(): Promise<void> {
    await Promise.all(this.sent);
  }

  private tell(offers: Offer[], award: 'accept' | 'reject', more: Record<string, Json>): void {
    const specs: CallSpec[] = [];
    for (const { bidder, round, price } of offers) {
      if (this.told.has(bidder.agentId)) continue;
      this.told.add(bidder.agentId);
      specs.push({
        key: `answers/${bidder.agentId}`,
        task: this.taskFor(bidder.agentId),
        input: inline({ award, round, bid: { price }, ...more }),
        role: award,
        round,
      });
    }
    if (specs.length > 0) this.sent.push(this.ctx.callAgents(specs));
  }

  private taskFor(agent: string): CallTask {
    const timeout = { attemptMs: ANSWER_MS, totalMs: ANSWER_MS };
    const retry = { maxAttempts: 1, initialMs: 1, factor: 1, maxMs: 1, jitter: 0, nonRetryable: [] };
    const { capability, labels, version } = this.task;
    return { kind: 'decide', capability, agent, labels, version, timeout, retry, patienceMs: 1 };
  }
}
