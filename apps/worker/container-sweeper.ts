import type { Logger } from 'pino';
import { removeDueContainers } from '../../connectors/process/docker.js';
import { NO_NEWS, WakefulLoop } from './wakeful-loop.js';

const EVERY_MS = 30_000;

/** Removes the containers of definitions (`lifetime: {cleanup: eventually}`) when their time is over, whoever began them. */
export class ContainerSweeper extends WakefulLoop {
  private readonly stopping = new AbortController();
  private nextAt = 0;

  constructor(log: Logger) {
    super('containers to be removed', NO_NEWS, log);
  }

  override stop(): Promise<void> {
    this.stopping.abort(new Error('the worker stops'));
    return super.stop();
  }

  protected async pass(): Promise<boolean> {
    const now = Date.now();
    if (now < this.nextAt) return false;
    this.nextAt = now + EVERY_MS;
    const { signal } = this.stopping;
    const removed = await removeDueContainers(now, signal).catch((error: unknown) => {
      if (signal.aborted) return [];
      throw error;
    });
    if (removed.length > 0) this.log.info({ containers: removed }, 'containers whose time is over are removed');
    return false;
  }
}
