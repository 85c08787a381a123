import type { BulkActivities, BulkShard, StartableWorkflow } from './run-workflow.js';
import type { BulkCounts, TerminalStatus, TerminationReason } from './runs.js';
import type { RunRef } from './values.js';

/** An item of a bulk run that follows a definition: a run of its own below its shard. */
export interface ItemRun {
  index: number;
  runId: string;
}

/** What its workflow starts with; the rest is read where it is on record, so that no shard's history holds it. */
export interface ItemRunInput extends RunRef {
  /** The journal may hold results already. */
  resumed: boolean;
  /** Where agent calls are worked off; on the queue of the workflow unless said. */
  agentQueue?: string;
}

export interface ItemRunCatalog {
  /** Goes on in a new history with what it had read. */
  bulkItem(input: ItemRunInput | StartableWorkflow): Promise<TerminalStatus>;
}

/** Its workflow has ended, or never began: `unsaid` is how it ended when that is not on record. */
export interface EndedItemRun extends ItemRun {
  unsaid: { status: TerminalStatus; terminationReason: TerminationReason };
}

type Exchange = Omit<Parameters<BulkActivities['exchangeItems']>[0], 'ended'>;

/** Local activities of bulk runs whose items follow a definition. */
export interface ItemRunActivities {
  /**
   * As `exchangeItems`, where items are runs: how they ended is taken from their record, and what is taken is on
   * record as a run when it resolves. Repeats change nothing and take the same.
   */
  exchangeRuns(
    request: Exchange & BulkShard & { ended: EndedItemRun[] },
  ): Promise<{ taken: ItemRun[]; counts: BulkCounts }>;
  loadItemRun(run: RunRef & { resumed: boolean }): Promise<StartableWorkflow>;
}
