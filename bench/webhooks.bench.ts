import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from './harness/free-ports.js';
import { nowMs, until } from './harness/clock.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { INBOUND_TITLE, InboundBench, inboundFigures, type InboundRow } from './inbound-webhooks.js';
import { medianOfRows, rounded } from './harness/statistics.js';
import { WebhookServer } from './harness/webhook-server.client.js';

const ENDPOINTS = 20;
/** Each event is heard by so many of them, and by the dead and the hanging one. */
const HEARD_BY = 4;
const GROUPS = ENDPOINTS / HEARD_BY;
const RATE = 1_050;
const TICK_MS = 100;
const DRAIN_MS = 60_000;
const BATCH = 100;
/** The claims of who was killed end, and what waits is worked off. */
const RECOVERY_MS = 180_000;

/**
 * Events for 20 endpoints, beside one where nobody listens and one that never answers; then many events while worker and
 * API are killed with kill -9: what is lost, and what comes twice. At last deliveries from outside: how soon they are answered.
 */
export async function webhooks(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const forMs = quick ? 10_000 : 60_000;
  const server = await WebhookServer.start();
  try {
    await createEndpoints(stage, server);
    const events = new Events();
    await drive(stage, server, events, 2_000);
    const rows: Row[] = [];
    const cpus: Record<string, number>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const { result, cpu } = await stage.withCpu(
        () => drive(stage, server, events, forMs),
        ({ delivered }) => delivered,
      );
      rows.push(result);
      cpus.push(cpu);
    }
    const killed = await survive(stage, server, events, (quick ? 3_000 : 30_000) / HEARD_BY);
    const inboundRows = await driveInbound(stage, quick ? 5_000 : 20_000, rounds);
    const [row, inbound] = [medianOfRows(rows), medianOfRows(inboundRows)];
    return {
      figures: [...figuresOf(row, killed), ...inboundFigures(inbound)],
      tables: {
        [`${RATE.toLocaleString('en-US')} deliveries a second offered, ${forMs / 1_000} s a round`]: { brikk: row },
        'worker and API killed with kill -9': { brikk: killed },
        'CPU milliseconds per delivery': { brikk: medianOfRows(cpus) },
        [INBOUND_TITLE]: { brikk: inbound },
      },
      details: { endpoints: ENDPOINTS, heardBy: HEARD_BY, forMs, rows, cpu: cpus, killed, inbound: inboundRows },
    };
  } finally {
    await server.stop();
  }
}

type Row = Record<'perSecond' | 'p50' | 'p99' | 'max' | 'delivered' | 'lost' | 'repeated', number>;
type Killed = Record<'deliveries' | 'seconds' | 'lost' | 'repeated' | 'otherIds', number>;

function figuresOf(row: Row, killed: Killed): BenchResult['figures'] {
  const most = `${killed.deliveries.toLocaleString('en-US')} webhooks while worker and API are killed`;
  return [
    {
      what: `webhooks to ${ENDPOINTS} endpoints, beside a dead and a hanging one`,
      unit: 'deliveries/s',
      brikk: row.perSecond,
      target: { text: '≥ 1,000 deliveries/s', met: row.perSecond >= 1_000 },
    },
    {
      what: 'from the request that publishes to the receiver, p99',
      unit: 'ms',
      brikk: row.p99,
      target: { text: '< 200 ms', met: row.p99 < 200 },
    },
    { what: `${most}: lost`, unit: 'deliveries', brikk: killed.lost, target: { text: '0', met: killed.lost === 0 } },
    {
      what: `${most}: twice under another webhook-id`,
      unit: 'deliveries',
      brikk: killed.otherIds,
      target: { text: '0', met: killed.otherIds === 0 },
    },
  ];
}

async function createEndpoints({ product }: Stage, server: WebhookServer): Promise<void> {
  const [nobody] = await freePorts(1);
  const terms = { timeoutMs: 1_000, maxInFlight: 100 };
  for (let n = 0; n < ENDPOINTS; n += 1)
    await product.createEndpoint({
      name: `e${n}`,
      urls: [`${server.url}/e${n}`],
      types: [`bench.${n % GROUPS}`],
      ...terms,
    });
  await product.createEndpoint({ name: 'dead', urls: [`http://127.0.0.1:${nobody}/`], types: ['bench.*'], ...terms });
  await product.createEndpoint({ name: 'hanging', urls: [`${server.url}/hang`], types: ['bench.*'], ...terms });
}

/** Numbered events, their time in them. */
class Events {
  made = 0;

  next(count: number): { id: string; type: string; data: { n: number; at: number } }[] {
    return Array.from({ length: count }, () => {
      const n = this.made++;
      return { id: `n${n}`, type: `bench.${n % GROUPS}`, data: { n, at: nowMs() } };
    });
  }
}

/** As many events a tick as make the rate; a tick that comes late makes up for it. */
async function drive({ product }: Stage, server: WebhookServer, events: Events, forMs: number): Promise<Row> {
  await server.reset(events.made);
  const begin = performance.now();
  const publishing: Promise<void>[] = [];
  let published = 0;
  for (let passedMs = 0; passedMs < forMs; passedMs = performance.now() - begin) {
    const due = Math.floor((passedMs * RATE) / HEARD_BY / 1_000) - published;
    for (let left = due; left > 0; left -= BATCH)
      publishing.push(product.publishUntilAccepted(events.next(Math.min(left, BATCH))));
    published += due;
    await delay(TICK_MS);
  }
  const seconds = (performance.now() - begin) / 1_000;
  const { received } = await server.stats();
  await Promise.all(publishing);
  const delivered = published * HEARD_BY;
  const arrival = until('all arrive', DRAIN_MS, async () => (await server.stats()).distinctEvents >= delivered);
  await arrival.catch(() => undefined); // What is missing is told.
  const { p50, p99, max, distinct, distinctEvents, ...all } = await server.stats();
  const [lost, repeated] = [delivered - distinctEvents, all.received - distinct];
  return { perSecond: received / seconds, p50, p99, max, delivered, lost, repeated };
}

/** Deliveries the other way, the first of them unmeasured. */
async function driveInbound({ product }: Stage, forMs: number, rounds: number): Promise<InboundRow[]> {
  const inbound = await InboundBench.open(product);
  await inbound.drive(2_000);
  const rows: InboundRow[] = [];
  for (let round = 0; round < rounds; round += 1) rows.push(await inbound.drive(forMs));
  return rows;
}

/** What was not acknowledged is published again, under the same ids. */
async function survive({ product }: Stage, server: WebhookServer, events: Events, howMany: number): Promise<Killed> {
  await server.reset(events.made);
  const begin = performance.now();
  const batches = Math.ceil(howMany / BATCH);
  const victims: Record<number, ('api' | 'worker')[]> = {
    [Math.floor(batches / 4)]: ['worker'],
    [Math.floor(batches / 2)]: ['api'],
    [Math.floor((batches * 3) / 4)]: ['worker', 'api'],
  };
  for (let batch = 0; batch < batches; batch += 1) {
    const next = product.publishUntilAccepted(events.next(BATCH));
    for (const victim of victims[batch] ?? []) await product.kill(victim);
    await next;
  }
  const deliveries = batches * BATCH * HEARD_BY;
  const arrival = until('all arrive', RECOVERY_MS, async () => (await server.stats()).distinctEvents >= deliveries);
  await arrival.catch(() => undefined); // What is missing is told.
  const seconds = (performance.now() - begin) / 1_000;
  const { received, distinct, distinctEvents } = await server.stats();
  return {
    deliveries,
    seconds: rounded(seconds),
    lost: deliveries - distinctEvents,
    repeated: received - distinct,
    otherIds: distinct - distinctEvents,
  };
}
