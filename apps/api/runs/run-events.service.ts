import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { RunEvent } from '../../../contracts/events.js';
import { BrikkError } from '../../../contracts/errors.js';
import type { Page } from '../../../contracts/lists.js';
import { Database } from '../../../database/database.js';
import { runNotFound } from '../../../database/find-run.js';
import { readEvents } from '../../../database/run-events.js';
import { findRun } from '../../../database/runs.repository.js';
import { knownId } from '../common/ids.js';
import type { Caller } from '../common/request.js';
import { FIRST_BATCH, nextBatchSize } from './batch-size.js';
import { pace } from './pace.js';
import type { EventsQuery } from './run-queries.js';
import { RunWaits } from './run-waits.js';

/** Proxies close a connection that is quiet for longer. */
const KEEP_ALIVE_MS = 15_000;

@Injectable()
export class RunEventsService {
  constructor(
    private readonly database: Database,
    private readonly waits: RunWaits,
  ) {}

  async list(caller: Caller, id: string, { after, cursor, limit }: EventsQuery): Promise<Page<RunEvent>> {
    await this.check(caller, id);
    const items = await this.read(caller, id, cursor ?? after ?? 0, limit);
    return { items, nextCursor: items.length < limit ? null : String(items.at(-1)?.position) };
  }

  async stream(caller: Caller, id: string, { after }: EventsQuery, lastEventId: string | undefined): Promise<Readable> {
    await this.check(caller, id);
    const closed = new AbortController();
    const ended = AbortSignal.any([closed.signal, this.waits.stopping]);
    const messages = this.messages(caller, id, startAt(lastEventId) ?? after ?? 0, ended);
    const out = new PassThrough();
    // A generator that waits hears of nothing; whoever reads `out` closes it, and that wakes the wait.
    out.once('close', () => closed.abort());
    pipeline(messages, out).catch(() => undefined); // What failed has destroyed `out`, and with it the answer.
    return out;
  }

  /** Ends after `run.finished`, or when the reader has gone or the API stops; a quiet stream gets a comment now and then. */
  private async *messages(caller: Caller, id: string, after: number, closed: AbortSignal): AsyncGenerator<string> {
    const news = this.waits.news(id);
    const pause = pace();
    let sentAt = Date.now();
    let position = after;
    let size = FIRST_BATCH;
    try {
      yield 'retry: 1000\n\n';
      for (;;) {
        const next = news.next();
        const { text, count, last, hasEnded } = await this.look(caller, id, position, size);
        if (last) {
          yield text;
          position = last.position;
          sentAt = Date.now();
        }
        if (last?.type === 'run.finished' || (!last && hasEnded)) return;
        const isFull = count === size;
        size = nextBatchSize(size, { count, bytes: text.length });
        if (isFull) continue;
        await next(sentAt + KEEP_ALIVE_MS - Date.now(), closed);
        await delay(pause(Date.now()), undefined, { signal: closed }).catch(() => undefined);
        if (closed.aborted) return;
        if (Date.now() - sentAt < KEEP_ALIVE_MS) continue;
        yield ': still here\n\n';
        sentAt = Date.now();
      }
    } finally {
      news.close();
    }
  }

  private async read({ orgId }: Caller, id: string, after: number, limit: number): Promise<RunEvent[]> {
    return this.database.inOrg(orgId, (tx) => readEvents(tx, id, { after, limit }));
  }

  /** Asks for the end before the events: a run that ends in between is not taken for one that was read to its end. */
  private async look({ orgId }: Caller, id: string, after: number, limit: number) {
    return this.database.inOrg(orgId, async (tx) => {
      const hasEnded = (await findRun(tx, id))?.finishedAt !== null;
      const events = await readEvents(tx, id, { after, limit });
      const { position, type } = events.at(-1) ?? {};
      const last = position === undefined ? undefined : { position, type };
      return { text: events.map(message).join(''), count: events.length, last, hasEnded };
    });
  }

  private async check({ orgId }: Caller, id: string): Promise<void> {
    knownId(id, 'run.not_found');
    const run = await this.database.inOrg(orgId, (tx) => findRun(tx, id));
    if (!run) throw runNotFound(id);
  }
}

const message = (event: RunEvent): string =>
  `id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

function startAt(lastEventId: string | undefined): number | undefined {
  if (lastEventId === undefined || lastEventId === '') return undefined;
  if (/^\d{1,9}$/.test(lastEventId)) return Number(lastEventId);
  const violations = [{ path: 'Last-Event-ID', message: 'must be the position of an event' }];
  throw new BrikkError('request.invalid', 'The header Last-Event-ID is not usable', { violations });
}
