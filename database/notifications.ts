import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { RunStatus } from '../contracts/runs.js';
import type { Database } from './database.js';

const RECONNECT_MS = 500;

/** `status` is what the run had after the commit; undefined when it may have changed unseen. */
type RunListener = (status: RunStatus | undefined) => void;

/**
 * Wakes readers of a run's stream when something was committed to it. After a lost connection every listener is woken,
 * since notices may have been missed: a listener reads what is new, and bears being called for nothing.
 */
export class RunNotifications {
  readonly #listeners = new Map<string, Set<RunListener>>();
  #client: pg.Client | undefined;
  #isClosed = false;
  #isStarted = false;

  constructor(private readonly database: Database) {}

  /** Resolves after the first attempt to connect; a failed one is repeated in the background. */
  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    await this.#connect();
  }

  /** Calls back after each commit to the run, until the function it answers with is called. */
  onRun(runId: string, listener: RunListener): () => void {
    const listeners = this.#listeners.get(runId) ?? new Set();
    this.#listeners.set(runId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(runId) === listeners) this.#listeners.delete(runId);
    };
  }

  /** How many wait for news. */
  get listening(): number {
    return [...this.#listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
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
      keepAlive: true,
    });
    let isLost = false;
    const lost = () => {
      if (isLost) return;
      isLost = true;
      void this.#reconnect(client);
    };
    client.on('error', lost).on('end', lost);
    client.on('notification', ({ payload = '' }) => {
      for (const notice of payload.split(',')) {
        const [runId = '', status] = notice.split(' ');
        this.#wake(runId, status as RunStatus | undefined);
      }
    });
    this.#client = client;
    try {
      await client.connect();
      await client.query('LISTEN brikk_run');
      for (const runId of this.#listeners.keys()) this.#wake(runId);
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

  #wake(runId: string, status?: RunStatus): void {
    for (const listener of this.#listeners.get(runId) ?? []) listener(status);
  }
}
