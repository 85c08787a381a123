import type { ClaimedPool } from '../../database/pool-hosting.js';
import { type KeeperOptions, PoolKeeper, type PoolRecord } from './pool-keeper.js';
import { WakefulLoop } from './wakeful-loop.js';

/** What hosting asks of Postgres. */
export interface HostRecord {
  /** Renews this host's pools, and takes those that nobody has. */
  claim(): Promise<ClaimedPool[]>;
  release(): Promise<void>;
  of(pool: ClaimedPool): PoolRecord;
  listen(onNews: () => void): Promise<{ close(): Promise<void> }>;
}

/**
 * Has processes of pools on this machine. A pool is one host's at a time, by a lease in Postgres; when a host dies its
 * processes end with it, and another host, or its successor, starts them anew.
 */
export class PoolHost extends WakefulLoop {
  private readonly keepers = new Map<string, PoolKeeper>();
  private readonly problems = new Map<string, string>();
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly record: HostRecord,
    private readonly options: Omit<KeeperOptions, 'record' | 'onChange'>,
  ) {
    super('pools', record, options.log);
  }

  /** All processes end, and another host may have the pools at once. A repeat waits for the first. */
  override stop(): Promise<void> {
    return (this.stopping ??= this.end());
  }

  private async end(): Promise<void> {
    await super.stop();
    await Promise.all([...this.keepers.values()].map((keeper) => keeper.close()));
    await this.record.release().catch((error: unknown) => {
      this.log.warn({ reason: String(error) }, 'pools could not be given back; their lease will end');
    });
  }

  protected async pass(): Promise<boolean> {
    const claimed = await this.record.claim();
    const own = new Map(claimed.map((pool) => [pool.id, pool]));
    for (const [id, keeper] of this.keepers)
      // One that was lost and won again in between has a new key, and somebody else may have begun.
      if (own.get(id)?.isNew ?? true) this.leave(id, keeper);
    for (const pool of claimed) void this.look(pool);
    return false;
  }

  private leave(id: string, keeper: PoolKeeper): void {
    this.keepers.delete(id);
    this.problems.delete(id);
    void keeper.close();
  }

  /** Not waited for: a slow pool must not cost the lease of the others. */
  private async look(pool: ClaimedPool): Promise<void> {
    const keeper = this.keepers.get(pool.id) ?? this.add(pool);
    try {
      await keeper.look();
      if (this.problems.delete(pool.id)) this.log.info({ pool: pool.id }, 'a pool is looked after again');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.problems.get(pool.id) !== reason) this.log.warn({ pool: pool.id, reason }, 'a pool waits: trying again');
      this.problems.set(pool.id, reason);
    }
  }

  private add(pool: ClaimedPool): PoolKeeper {
    const keeper = new PoolKeeper({ ...this.options, record: this.record.of(pool), onChange: () => this.wake() });
    this.keepers.set(pool.id, keeper);
    return keeper;
  }
}
