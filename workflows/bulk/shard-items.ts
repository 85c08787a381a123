import { condition, workflowInfo } from '@temporalio/workflow';
import type { BulkShardInput } from '../../contracts/run-workflow.js';
import type { BulkCounts } from '../../contracts/runs.js';
import type { PatternContext } from '../lib/pattern-context.js';

/** So many ends are recorded, and places filled again, together; fewer when they have waited. */
const TOGETHER = 100;
const LONGEST_WAIT_MS = 500;
/** The engine's advice is 4,096 events; what is under way adds its own. */
const FULL_HISTORY = 2_000;

/** What an item is, and how it is done. */
export interface ItemWork<Item extends { index: number }, Ended> {
  /** Puts on record what ended, and takes at most `limit` items from index `next` on; fewer are not always the last. */
  exchange(turn: { ended: Ended[]; next: number; limit: number }): Promise<{ taken: Item[]; counts: BulkCounts }>;
  /** Never rejects: whatever nobody planned is the end of this item alone. */
  perform(item: Item): Promise<Ended>;
}

/**
 * The items of one shard: taken from the record as there is room, recorded as they end, neither of it one by one. One
 * that fails hurts no other; when the run is stopped those under way end and no more are taken.
 */
export class ShardItems<Item extends { index: number }, Ended> {
  counts!: BulkCounts;
  private ended: Ended[] = [];
  private underWay = 0;
  private next: number;
  private readonly end: number;

  constructor(
    private readonly ctx: PatternContext,
    private readonly input: BulkShardInput,
    private readonly work: ItemWork<Item, Ended>,
  ) {
    this.next = input.next;
    this.end = input.first + input.items;
  }

  /** Index of the first item that another workflow has to take; undefined when nothing is left to do here. */
  async workOff(): Promise<number | undefined> {
    let hasRoom = await this.exchange();
    while (hasRoom || this.underWay > 0 || this.ended.length > 0) {
      if (!hasRoom) {
        await condition(() => this.ended.length > 0);
        if (!this.hasEnough()) await condition(() => this.hasEnough(), LONGEST_WAIT_MS);
      }
      hasRoom = await this.exchange();
    }
    return this.next < this.end && this.ctx.stopped === undefined ? this.next : undefined;
  }

  private hasEnough(): boolean {
    return this.ended.length >= Math.min(TOGETHER, this.input.maxConcurrency) || this.underWay === 0;
  }

  /** Whether more could be taken at once: what was taken was as much as travels together. */
  private async exchange(): Promise<boolean> {
    const ended = this.ended;
    this.ended = [];
    const limit = this.takesMore() ? this.input.maxConcurrency - this.underWay : 0;
    const { taken, counts } = await this.work.exchange({ ended, next: this.next, limit });
    this.counts = counts;
    const last = taken.at(-1);
    if (last) this.next = last.index + 1;
    else if (limit > 0) this.next = this.end;
    for (const item of taken) {
      this.underWay += 1;
      void this.one(item);
    }
    return taken.length > 0 && taken.length < limit && this.takesMore();
  }

  private takesMore(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    const isFull = historyLength >= FULL_HISTORY || continueAsNewSuggested;
    return this.next < this.end && this.ctx.stopped === undefined && !isFull;
  }

  private async one(item: Item): Promise<void> {
    const ended = await this.work.perform(item);
    this.ended.push(ended);
    this.underWay -= 1;
  }
}
