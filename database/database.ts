import 'reflect-metadata';
import pg from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { nameFailure } from './failures.js';
import { refuseSuperuser } from './refuse-superuser.js';
import { typeormOptions } from './typeorm-options.js';

/** TypeORM's manager inside a transaction that is bound to one organisation (or, for sweepers, to the dispatch role). */
export type Tx = EntityManager;

export interface DatabaseOptions {
  appUrl: string;
  /** Needed by `asDispatch` only. */
  dispatchUrl?: string;
  /** Connections of TypeORM; the journal has its own few. */
  poolSize?: number;
}

const CONNECT_DEADLINE_MS = 5_000;
/** Two flushes in flight, and readers of the journal. */
const HOT_CONNECTIONS = 6;
const DISPATCH_CONNECTIONS = 2;

/** Brikk's Postgres. Connections are made when they are needed: a process starts while the database is briefly away. */
export class Database {
  /** For hot paths. Every transaction begins with `set_config('app.org', …, true)`: see `inOrgFast`. */
  readonly appPool: pg.Pool;
  readonly #app: LazySource;
  readonly #dispatch: LazySource | undefined;
  #isChecked = false;

  private constructor(readonly options: DatabaseOptions) {
    this.appPool = new pg.Pool({
      connectionString: options.appUrl,
      max: HOT_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_DEADLINE_MS,
      application_name: 'brikk',
    });
    this.appPool.on('error', () => undefined); // An idle connection broke; the pool replaces it.
    this.#app = new LazySource(options.appUrl, options.poolSize ?? 10);
    if (options.dispatchUrl) this.#dispatch = new LazySource(options.dispatchUrl, DISPATCH_CONNECTIONS);
  }

  /** Fails when the role could see past row-level security; a database that is away is asked again at the first use. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const database = new Database(options);
    try {
      await database.#checkRole();
    } catch (error) {
      if (nameFailure(error) === error) {
        await database.close();
        throw error;
      }
    }
    return database;
  }

  /** One transaction in which only this organisation's rows exist. Fails `dependency.unavailable` without Postgres. */
  async inOrg<T>(orgId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return named(async () => {
      const source = await this.#app.get();
      return source.transaction(async (tx) => {
        await tx.query(`SELECT set_config('app.org', $1, true)`, [orgId]);
        return work(tx);
      });
    });
  }

  /** One transaction as the role of sweepers: few columns, all organisations. */
  async asDispatch<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const dispatch = this.#dispatch;
    if (!dispatch) throw new Error('DATABASE_DISPATCH_URL is not set');
    return named(async () => (await dispatch.get()).transaction(work));
  }

  /** One transaction on a plain connection, for hot paths; `work` binds it to an organisation by `bindToOrg`. */
  async inPlainTransaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return named(async () => {
      await this.#checkRole();
      const client = await this.appPool.connect();
      let failure: Error | undefined;
      try {
        await client.query('BEGIN');
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        await client.query('ROLLBACK').then(
          () => (failure = undefined),
          () => undefined, // A broken connection has rolled back by itself, and is thrown away below.
        );
        throw error;
      } finally {
        client.release(failure);
      }
    });
  }

  async ping(): Promise<void> {
    await named(() => this.appPool.query('SELECT 1'));
  }

  async close(): Promise<void> {
    await Promise.all([this.appPool.end(), this.#app.close(), this.#dispatch?.close()]);
  }

  async #checkRole(): Promise<void> {
    if (this.#isChecked) return;
    await refuseSuperuser(this.appPool);
    this.#isChecked = true;
  }
}

/** Binds the transaction of a plain connection to one organisation. */
export async function bindToOrg(client: pg.ClientBase, orgId: string): Promise<void> {
  await client.query({ name: 'org', text: `SELECT set_config('app.org', $1, true)`, values: [orgId] });
}

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw nameFailure(error);
  }
}

class LazySource {
  #source: Promise<DataSource> | undefined;

  constructor(
    private readonly url: string,
    private readonly poolSize: number,
  ) {}

  get(): Promise<DataSource> {
    this.#source ??= this.#connect().catch((error: unknown) => {
      this.#source = undefined;
      throw error;
    });
    return this.#source;
  }

  async #connect(): Promise<DataSource> {
    const source = await new DataSource({
      ...typeormOptions(this.url),
      poolSize: this.poolSize,
      connectTimeoutMS: CONNECT_DEADLINE_MS,
      applicationName: 'brikk',
    }).initialize();
    const roles: { role: string; bypasses: boolean }[] = [];
    await refuseSuperuser({ query: async (sql) => ({ rows: roles.concat(await source.query(sql)) }) }).catch(
      async (error: unknown) => {
        await source.destroy();
        throw error;
      },
    );
    return source;
  }

  async close(): Promise<void> {
    const source = await this.#source?.catch(() => undefined);
    if (source?.isInitialized) await source.destroy();
  }
}
