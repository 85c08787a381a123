import type { LaunchedBrikk } from '../support/brikk.js';
import { asOwner } from '../support/postgres.js';
import { until } from '../support/until.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { AddingAgent } from './agents.js';
import { type Books, isAtRest, readBooks } from './books.js';
import type { Load } from './load.js';

const REST_WITHIN_MS = 180_000;

/** Whom the mixed load reaches: two agents, a system in which it has effects, and who hears of the ends of runs. */
export class OutsideWorld {
  private constructor(
    readonly direct: AddingAgent,
    /** The one that may stand behind a proxy. */
    readonly behind: AddingAgent,
    private readonly effects: WebhookReceiver,
    private readonly webhooks: WebhookReceiver,
  ) {}

  static async open(): Promise<OutsideWorld> {
    const agents = await Promise.all([AddingAgent.listen(), AddingAgent.listen()]);
    const receivers = await Promise.all([WebhookReceiver.open(), WebhookReceiver.open()]);
    return new OutsideWorld(...agents, ...receivers);
  }

  /** Registers all of them; `behindUrl` is where the second agent is reached. */
  async introduceTo(brikk: LaunchedBrikk, behindUrl = this.behind.url): Promise<void> {
    await brikk.register('adder', 'add-one', this.direct.url, { maxConcurrency: 200 });
    await brikk.register('adder-behind', 'add-one', behindUrl, { maxConcurrency: 200 });
    const baseUrls = [new URL(this.effects.url).origin];
    await brikk.call('POST', '/v1/connections', {
      name: 'outside',
      provider: 'http',
      baseUrls,
      auth: { kind: 'none' },
    });
    const ends = { name: 'ends', urls: [this.webhooks.url], types: ['run.finished'] };
    await brikk.call('POST', '/v1/webhook-endpoints', ends);
  }

  /** Waits until everything is at rest, and compares what is on record with what was seen here. */
  async settle(load: Load, ownerUrl: string): Promise<Books> {
    const told = () => new Set(this.webhooks.received.map(({ json }) => json.data.runId));
    return asOwner(ownerUrl, async (owner) => {
      const isOver = async () => (await isAtRest(owner)) && load.accepted.every(({ id }) => told().has(id));
      await until(isOver, REST_WITHIN_MS).catch(() => undefined); // The books say what is not.
      return readBooks(load, owner, {
        direct: this.direct.seen,
        proxied: this.behind.seen,
        effects: this.effects.received,
        webhooks: this.webhooks.received,
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.direct, this.behind, this.effects, this.webhooks].map((one) => one.close()));
  }
}
