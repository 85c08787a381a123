import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Database } from './database.js';

const RECONNECT_MS = 500;

interface Hearing {
  onNotice(payload: string): void;
  /** Listening began, or began again: notices before may have been missed. */
  onGap(): void;
}

/** A channel of Postgres's NOTIFY, on a connection of its own that is made again when it breaks. */
export class Channel {
  #client: pg.Client | undefined;
  #isClosed = false;
  #isStarted = false;

  constructor(
    private readonly database: Database,
    private readonly name: string,
    private readonly hearing: Hearing,
  ) {}

  /** Resolves after the first attempt to connect; a failed one is repeated in the background. */
  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    await this.#connect();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    if (this.#isClosed) return;
    const client = new pg.Client({
      connectionString: this.database.options.appUrl,
      application_name: 'brikk-listen',
      connectionTimeoutMillis: this.database.answerWithinMs,
      query_timeout: this.database.answerWithinMs,
    });
    let isLost = false;
    const lost = () => {
      if (isLost) return;
      isLost = true;
      clearInterval(asking);
      void this.#reconnect(client);
    };
    // Who only listens would not hear that the other end is gone.
    const asking = setInterval(() => void client.query('SELECT 1').catch(lost), this.database.answerWithinMs).unref();
    client.on('error', lost).on('end', lost);
    client.on('notification', ({ payload = '' }) => this.hearing.onNotice(payload));
    this.#client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${this.name}`);
      this.hearing.onGap();
    } catch {
      lost();
    }
  }

  async #reconnect(client: pg.Client): Promise<void> {
    await client.end().catch(() => undefined);
    if (this.#isClosed) return;
    await delay(RECONNECT_MS, undefined, { ref: false });
    await this.#connect();
  }
}

/** Starts to listen, for one who only wants to know that there may be something new. */
export const newsFrom =
  (database: Database, name: string) =>
  async (onNews: () => void): Promise<Channel> => {
    const channel = new Channel(database, name, { onNotice: onNews, onGap: onNews });
    await channel.start();
    return channel;
  };
