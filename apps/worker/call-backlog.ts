import type { Logger } from 'pino';
import type { WaitingCalls } from '../../activities/dependencies.js';
import type { Database } from '../../database/database.js';
import { keepBacklog } from '../../database/pool-hosting.js';
import { NO_NEWS, WakefulLoop } from './wakeful-loop.js';

export interface BacklogRecord {
  /** What waits in this worker, instead of what it said before. */
  keep(orgId: string, waiting: WaitingCalls[]): Promise<void>;
}

/** Tells the hosts of pools which calls wait in this worker. Costs nothing while none do. */
export class CallBacklog extends WakefulLoop {
  private told = new Set<string>();

  constructor(
    private readonly record: BacklogRecord,
    private readonly waiting: () => WaitingCalls[],
    log: Logger,
  ) {
    super('backlog', NO_NEWS, log);
  }

  protected async pass(): Promise<boolean> {
    const waiting = this.waiting();
    const orgs = new Set(waiting.map(({ orgId }) => orgId));
    for (const orgId of new Set([...orgs, ...this.told]))
      await this.record.keep(orgId, distinct(waiting.filter((one) => one.orgId === orgId)));
    this.told = orgs;
    return false;
  }
}

/** Calls that differ in labels or versions alone wait for the same agents here. */
function distinct(waiting: WaitingCalls[]): WaitingCalls[] {
  const sums = new Map<string, WaitingCalls>();
  for (const one of waiting) {
    const key = `${one.agent} ${one.capability}`;
    sums.set(key, { ...one, waiting: one.waiting + (sums.get(key)?.waiting ?? 0) });
  }
  return [...sums.values()];
}

/** Postgres as it sees it. */
export const backlogRecord = (database: Database, workerId: string): BacklogRecord => ({
  keep: (orgId, waiting) => database.inOrg(orgId, (tx) => keepBacklog(tx, orgId, workerId, waiting)),
});
