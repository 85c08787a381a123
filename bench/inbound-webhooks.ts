import { createHmac } from 'node:crypto';
import { atRate } from './harness/at-rate.js';
import { until } from './harness/clock.js';
import type { Figure } from './harness/figures.js';
import type { Product } from './harness/product.js';
import { quantile } from './harness/statistics.js';

const SECRET = 'a secret of the bench';
/** Each starts a run: about what two cores carry. */
const RATE = 50;
const ROUTED_MS = 120_000;

/** Milliseconds from when a delivery was to be sent to its answer; `refused` were not answered 202. */
export type InboundRow = Record<'p50' | 'p99' | 'max' | 'delivered' | 'refused', number>;

/** A provider's deliveries, each of which starts a run of one task. */
export class InboundBench {
  private sent = 0;

  private constructor(
    private readonly product: Product,
    private readonly path: string,
  ) {}

  static async open(product: Product): Promise<InboundBench> {
    const document = { dsl: '1.0.3', namespace: 'bench', name: 'hooked', version: '1.0.0' } as const;
    await product.publishWorkflow({ document, do: [{ give: { set: '${ .n }' } }] });
    const { url } = await product.createSource({
      name: 'bench',
      provider: 'github',
      secret: SECRET,
      ratePerSecond: 10_000,
      routes: [{ action: 'start', workflow: 'bench/hooked' }],
    });
    return new InboundBench(product, new URL(url).pathname);
  }

  /** As many a second as are due, whether those before are answered or not; then waits until all are routed. */
  async drive(forMs: number): Promise<InboundRow> {
    let refused = 0;
    const took = await atRate(RATE, forMs, async (_, dueAt) => {
      const status = await this.deliver();
      if (status !== 202) refused += 1;
      return performance.now() - dueAt;
    });
    await until('all are routed', ROUTED_MS, () => this.product.isAllRouted());
    return {
      p50: quantile(took, 0.5),
      p99: quantile(took, 0.99),
      max: quantile(took, 1),
      delivered: took.length,
      refused,
    };
  }

  private deliver(): Promise<number> {
    const n = this.sent++;
    const body = JSON.stringify({ n });
    return this.product.deliver(this.path, body, {
      'content-type': 'application/json',
      'x-github-event': 'bench',
      'x-github-delivery': `bench-${n}`,
      'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
    });
  }
}

export const inboundFigures = ({ p99, delivered, refused }: InboundRow): Figure[] => [
  {
    what: `${RATE} inbound webhooks a second, each starts a run: to their answer, p99`,
    unit: 'ms',
    brikk: p99,
    target: { text: '< 500 ms', met: p99 < 500 },
  },
  {
    what: `${delivered.toLocaleString('en-US')} inbound webhooks: not accepted`,
    unit: 'deliveries',
    brikk: refused,
    target: { text: '0', met: refused === 0 },
  },
];

export const INBOUND_TITLE = `${RATE} inbound webhooks a second, each starts a run, milliseconds to their answer`;
