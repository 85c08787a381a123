import type { Logger } from 'pino';
import type { ClientCertificate } from '../../connectors/lib/client-certificates.js';
import type { WebhookAnswer, WebhookConnector, WebhookRequest } from '../../connectors/webhook/webhook.connector.js';
import { orderUrls } from '../../database/url-health.js';
import type { OpenedEndpoint } from '../../database/endpoint-secrets.js';
import type { SettledWebhook } from '../../database/settle-webhooks.js';
import { WakefulLoop } from './wakeful-loop.js';
import { groupBy } from '../../database/group-by.js';

interface Head {
  id: string;
  orgId: string;
  known: Omit<SettledWebhook, 'end' | 'rendered'>;
}

/** A delivery that is to be sent, or why there is nothing to send. */
export type ReadyWebhook = Head &
  (
    | { end: Extract<SettledWebhook['end'], { status: string }> }
    | {
        endpoint: OpenedEndpoint;
        lastUrl: string | null;
        /** An answer without what is secret of the request. */
        hide: (text: string) => string;
        /** Signed anew each time; the body is the same. */
        request: () => Omit<WebhookRequest, 'url'>;
        rendered?: { body: string | undefined };
        /** Shown to the endpoint; `refusal`: why there is none, though there should be. */
        certificate?: ClientCertificate;
        refusal?: string;
      }
  );

/** What sending asks of Postgres. */
export interface WebhookRecord {
  /** Claims what is due, `room` at most; `moreInMs`: when there may be more without any news. */
  claim(room: number): Promise<{ ready: ReadyWebhook[]; moreInMs?: number }>;
  /** What came of attempts at endpoints of one organisation. */
  settle(orgId: string, settled: SettledWebhook[]): Promise<void>;
  listen(onNews: () => void): Promise<{ close(): Promise<void> }>;
}

/** Requests of this worker that are under way. */
const MAX_UNDER_WAY = 1_000;
/** What has ended waits so long for others to share its transaction. */
const SETTLE_AFTER_MS = 20;
const SETTLE_AT = 200;
const SETTLE_AGAIN_MS = 1_000;
const STOP_MS = 5_000;

interface Ended {
  orgId: string;
  settled: SettledWebhook;
}

/**
 * Sends deliveries to webhook endpoints: the first attempts as soon as they are on record, the others when they are due.
 * A slow endpoint holds only its own requests. What this worker leaves unfinished is due again when its claim ends, so
 * that a delivery may come twice, with the same `webhook-id`, and is never lost.
 */
export class WebhookDispatcher extends WakefulLoop {
  private readonly underWay = new Set<Promise<void>>();
  private readonly outstanding = new Map<string, number>();
  private readonly end = new AbortController();
  private turn = 0;
  private ended: Ended[] = [];
  private settling: Promise<void> | undefined;
  private settleTimer: NodeJS.Timeout | undefined;
  private wakeTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly record: WebhookRecord,
    private readonly connector: Pick<WebhookConnector, 'send'>,
    log: Logger,
  ) {
    super('webhooks', record, log);
  }

  /** Those under way have 5 s to end; the others are sent again when their claims end. */
  override async stop(): Promise<void> {
    await super.stop();
    clearTimeout(this.wakeTimer);
    const timer = setTimeout(() => this.end.abort(), STOP_MS);
    await Promise.all(this.underWay);
    clearTimeout(timer);
    clearTimeout(this.settleTimer);
    await this.settling;
    await this.settleAll(true);
  }

  protected async pass(): Promise<boolean> {
    const room = MAX_UNDER_WAY - this.underWay.size;
    if (room <= 0) return false; // The first that ends wakes it.
    const { ready, moreInMs } = await this.record.claim(room);
    for (const webhook of ready) this.begin(webhook);
    if (moreInMs !== undefined) this.wakeIn(moreInMs);
    return ready.length > 0;
  }

  private begin(webhook: ReadyWebhook): void {
    const work = this.send(webhook)
      .catch((error: unknown) => {
        // Its claim ends by itself.
        this.log.error({ deliveryId: webhook.id, reason: String(error) }, 'a webhook could not be sent');
      })
      .finally(() => this.underWay.delete(work));
    this.underWay.add(work);
  }

  private async send(webhook: ReadyWebhook): Promise<void> {
    const { orgId, known } = webhook;
    if ('end' in webhook) return this.keep({ orgId, settled: { ...known, end: webhook.end } });
    const { endpoint, lastUrl, request, rendered, hide, certificate, refusal } = webhook;
    this.turn += 1;
    const [first, second] = orderUrls(endpoint.urls, {
      turn: this.turn,
      now: Date.now(),
      ...(lastUrl !== null && { last: lastUrl }),
      ...(endpoint.settings.balance === 'least_outstanding' && {
        outstanding: (url: string) => this.outstanding.get(url) ?? 0,
      }),
    });
    if (first === undefined) return this.keep({ orgId, settled: { ...known, end: GONE } });
    const startedAt = new Date();
    const attempt = (url: string): Promise<WebhookAnswer> =>
      refusal === undefined
        ? this.attempt(url, { ...request(), ...(certificate && { certificate }) })
        : Promise.resolve(uncertified(refusal));
    let answer = await attempt(first);
    const isElsewhere = answer.isUnreached && answer.outcome !== 'blocked' && second !== undefined;
    if (isElsewhere) answer = await attempt(second);
    // Nobody knows how it would have ended.
    if (this.end.signal.aborted && answer.outcome === 'timeout') return;
    const { isUnreached: _, ...rest } = answer;
    const url = isElsewhere ? second : first;
    const unreached = isElsewhere ? [first] : [];
    const latencyMs = Date.now() - startedAt.getTime();
    if (rest.response !== undefined) rest.response = hide(rest.response);
    const end = { attempt: { ...rest, url, unreached, startedAt, latencyMs } };
    this.keep({ orgId, settled: { ...known, ...(rendered && { rendered }), end } });
  }

  private async attempt(url: string, request: Omit<WebhookRequest, 'url'>): Promise<WebhookAnswer> {
    const count = (by: number) => this.outstanding.set(url, (this.outstanding.get(url) ?? 0) + by);
    count(1);
    try {
      return await this.connector.send({ ...request, url, signal: this.end.signal });
    } finally {
      count(-1);
      if (this.outstanding.get(url) === 0) this.outstanding.delete(url);
    }
  }

  private keep(ended: Ended): void {
    this.ended.push(ended);
    if (this.ended.length >= SETTLE_AT) this.settleSoon(0);
    else this.settleSoon(SETTLE_AFTER_MS);
  }

  private settleSoon(ms: number): void {
    if (this.settling) return;
    if (ms === 0) clearTimeout(this.settleTimer);
    else if (this.settleTimer) return;
    this.settleTimer = setTimeout(() => {
      this.settleTimer = undefined;
      this.settling = this.settleAll(false).finally(() => {
        this.settling = undefined;
        if (this.ended.length > 0 && !this.isStopped) this.settleSoon(SETTLE_AFTER_MS);
      });
    }, ms);
  }

  /** What cannot be written now is written later, unless the claim has ended before. */
  private async settleAll(isLast: boolean): Promise<void> {
    const batch = this.ended.splice(0);
    for (const [orgId, ended] of groupBy(batch, (one) => one.orgId)) {
      const settled = ended.map((one) => one.settled);
      try {
        await this.record.settle(orgId, settled);
      } catch (error) {
        this.log.warn({ reason: String(error), deliveries: settled.length }, 'webhooks wait to be written down');
        if (isLast) continue;
        await new Promise((resolve) => setTimeout(resolve, SETTLE_AGAIN_MS));
        this.ended.push(...ended);
      }
    }
    if (batch.length > 0 && !isLast) this.wake();
  }

  private wakeIn(ms: number): void {
    clearTimeout(this.wakeTimer);
    this.wakeTimer = setTimeout(() => this.wake(), ms);
  }
}

const uncertified = (reason: string): WebhookAnswer => ({
  outcome: 'tls',
  response: reason,
  isTruncated: false,
  isUnreached: false,
});

const GONE = { status: 'dead', reason: 'gone' } as const;
