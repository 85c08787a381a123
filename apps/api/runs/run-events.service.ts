import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { RunEvent } from '../../../contracts/events.js';
import { BrikkError } from '../../../contracts/errors.js';
import type { Page } from '../../../contracts/lists.js';
import { Database } from '../../../database/database.js';
import { readEvents } from '../../../database/run-events.js';
import { findRun } from '../../../database/runs.repository.js';
import { knownId } from '../common/ids.js';
import type { Caller } from '../common/request.js';
import type { EventsQuery } from './run-queries.js';
import { RunWaits } from './run-waits.js';

const BATCH = 200;
/** Readers never look more often than once a second, except when they are woken. */
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
    return Readable.from(this.messages(caller, id, startAt(lastEventId) ?? after ?? 0), { objectMode: false });
  }

  /** Ends after `run.finished`; a comment now and then keeps proxies from closing a quiet stream. */
  private async *messages(caller: Caller, id: string, after: number): AsyncGenerator<string> {
    const news = this.waits.news(id);
    let position = after;
    try {
      yield 'retry: 1000\n\n';
      for (;;) {
        const next = news.next();
        const events = await this.read(caller, id, position, BATCH);
        if (events.length > 0) {
          yield events.map(message).join('');
          position = events.at(-1)!.position;
        }
        if (events.at(-1)?.type === 'run.finished' || (events.length === 0 && (await this.hasEnded(caller, id))))
          return;
        if (events.length === BATCH) continue;
        await next(KEEP_ALIVE_MS);
        yield ': still here\n\n';
      }
    } finally {
      news.close();
    }
  }

  private async read({ orgId }: Caller, id: string, after: number, limit: number): Promise<RunEvent[]> {
    return this.database.inOrg(orgId, (tx) => readEvents(tx, id, { after, limit }));
  }

  private async hasEnded({ orgId }: Caller, id: string): Promise<boolean> {
    const run = await this.database.inOrg(orgId, (tx) => findRun(tx, id));
    return run?.finishedAt !== null;
  }

  private async check({ orgId }: Caller, id: string): Promise<void> {
    knownId(id, 'run.not_found');
    const run = await this.database.inOrg(orgId, (tx) => findRun(tx, id));
    if (!run) throw new BrikkError('run.not_found', 'No such run');
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
