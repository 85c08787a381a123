/** One piece of work in a queue; items of the same key follow one another. */
interface Keyed {
  /** Undefined: may run beside anything. */
  partition?: string;
}

/**
 * Work in the order it was added, of each key one at a time: an item is ready once all earlier ones of its key are done.
 */
export class WorkQueue<Item extends Keyed> {
  private readonly ready: Item[] = [];
  private next = 0;
  /** Of each key that is ready or being worked on: what waits behind it. */
  private readonly behind = new Map<string, Item[]>();

  add(item: Item): void {
    const { partition } = item;
    const waiting = partition === undefined ? undefined : this.behind.get(partition);
    if (waiting) return void waiting.push(item);
    if (partition !== undefined) this.behind.set(partition, []);
    this.ready.push(item);
  }

  /** The next item that may run now; undefined when there is none, or all that is left waits behind its key. */
  take(): Item | undefined {
    const item = this.ready[this.next];
    if (item !== undefined) this.next += 1;
    return item;
  }

  /** The item is over; the next one of its key may run. */
  done({ partition }: Item): void {
    if (partition === undefined) return;
    const following = this.behind.get(partition)?.shift();
    if (following === undefined) this.behind.delete(partition);
    else this.ready.push(following);
  }
}
