import type { WorkersParams } from '../../contracts/workers.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { isUsable, type PatternResult } from '../lib/pattern-result.js';
import type { StopScope } from '../lib/stop-scope.js';

/** Before so many items are done nobody knows what slow is. */
const ENOUGH_DONE = 5;

/** What 95 % of the times kept to, by nearest rank; the times are in order. */
export const p95 = (sortedMs: readonly number[]): number => sortedMs[Math.ceil(sortedMs.length * 0.95) - 1] ?? 0;

interface Watched {
  startedAt: number;
  copy: () => void;
}

export interface Raced {
  result: PatternResult;
  /** The copy brought it. */
  isCopy: boolean;
}

/**
 * Items that take far longer than those that are done get a second copy, and the first usable output counts (backup
 * tasks: J. Dean, S. Ghemawat, "MapReduce", OSDI 2004, section 3.6).
 */
export class Speculation {
  /** Copies made, and those that were faster. */
  made = 0;
  won = 0;
  private readonly doneMs: number[] = [];
  private readonly watched = new Set<Watched>();
  private readonly scope: StopScope;
  private readonly clock: PatternContext;
  private isArmed = false;

  constructor(
    ctx: PatternContext,
    private readonly terms: Required<WorkersParams>['speculate'],
  ) {
    this.scope = ctx.newScope();
    this.clock = ctx.branch(this.scope, false);
  }

  /** The outcome of an item, by itself or by its copy; the loser is stopped. Rejects only for what nobody planned. */
  race(
    place: PatternContext,
    perform: (ctx: PatternContext, isCopy: boolean) => Promise<PatternResult>,
  ): Promise<Raced> {
    return new Promise((resolve, reject) => {
      const scopes: StopScope[] = [];
      let open = 0;
      const begin = (ctx: PatternContext, isCopy: boolean): void => {
        const scope = place.newScope();
        scopes.push(scope);
        open += 1;
        const settle = (result: PatternResult): void => {
          open -= 1;
          // The other one may still bring it.
          if (!isUsable(result) && open > 0) return;
          this.watched.delete(entry);
          for (const other of scopes) other.stop('lost');
          resolve({ result, isCopy });
        };
        perform(ctx.branch(scope, true), isCopy).then(settle, reject);
      };
      const entry: Watched = { startedAt: Date.now(), copy: () => begin(place.at('copies', 1), true) };
      this.watched.add(entry);
      begin(place, false);
      this.arm();
    });
  }

  /** An item took so long until it was done. */
  learn(ms: number, isCopy: boolean): void {
    if (isCopy) this.won += 1;
    const at = this.doneMs.findIndex((known) => known > ms);
    this.doneMs.splice(at < 0 ? this.doneMs.length : at, 0, ms);
    this.arm();
  }

  end(): void {
    this.scope.stop('lost');
  }

  /** One timer for all: it is set for the item that has been under way for longest, and looks again when it is over. */
  private arm(): void {
    const isIdle = this.watched.size === 0 || this.made >= this.terms.max || this.scope.reason !== undefined;
    if (this.isArmed || isIdle || this.doneMs.length < ENOUGH_DONE) return;
    this.isArmed = true;
    const firstAt = Math.min(...[...this.watched].map(({ startedAt }) => startedAt));
    void this.clock.wait(Math.max(1, firstAt + this.limitMs - Date.now())).then(() => {
      this.isArmed = false;
      if (this.scope.reason === undefined) this.copySlow();
    });
  }

  private copySlow(): void {
    for (const entry of this.watched) {
      if (this.made >= this.terms.max) break;
      if (Date.now() - entry.startedAt < this.limitMs) continue;
      this.watched.delete(entry);
      this.made += 1;
      entry.copy();
    }
    this.arm();
  }

  private get limitMs(): number {
    return Math.ceil(this.terms.slowerThan * p95(this.doneMs));
  }
}
