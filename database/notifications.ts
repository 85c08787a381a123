import type { RunStatus } from '../contracts/runs.js';
import { Channel } from './channel.js';
import type { Database } from './database.js';

/** `status` is what the run had after the commit; undefined when it may have changed unseen. */
type RunListener = (status: RunStatus | undefined) => void;

/**
 * Wakes readers of a run's stream when something was committed to it. After a lost connection every listener is woken,
 * since notices may have been missed: a listener reads what is new, and bears being called for nothing.
 */
export class RunNotifications {
  readonly #listeners = new Map<string, Set<RunListener>>();
  readonly #channel: Channel;

  constructor(database: Database) {
    this.#channel = new Channel(database, 'brikk_run', {
      onNotice: (payload) => {
        for (const notice of payload.split(',')) {
          const [runId = '', status] = notice.split(' ');
          this.#wake(runId, status as RunStatus | undefined);
        }
      },
      onGap: () => {
        for (const runId of this.#listeners.keys()) this.#wake(runId);
      },
    });
  }

  /** Resolves after the first attempt to connect; a failed one is repeated in the background. */
  start(): Promise<void> {
    return this.#channel.start();
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

  close(): Promise<void> {
    return this.#channel.close();
  }

  #wake(runId: string, status?: RunStatus): void {
    for (const listener of this.#listeners.get(runId) ?? []) listener(status);
  }
}
