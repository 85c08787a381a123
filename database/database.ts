import pg from 'pg';
import { isAway, nameFailure } from './failures.js';
import { refuseSuperuser } from './refuse-superuser.js';
import { statementsOn, type Tx } from './sql.js';
import { isUuid } from './uuid.js';

export type { Tx } from './sql.js';

export interface DatabaseOptions {
  appUrl: string;
  /** Needed by `asDispatch` only. */
  dispatchUrl?: string;
  /** Connections at most; 12 unless said. */
  poolSize?: number;
  /** Milliseconds in which a statement is answered; 15,000 unless said. Then its connection is given up. */
  answerWithinMs?: number;
}

const CONNECT_DEADLINE_MS = 5_000;
/** Where the other end is gone and nobody says so, TCP would wait for hours, and with it every run of this process. */
const ANSWER_DEADLINE_MS = 15_000;
const POOL_SIZE = 12;
const DISPATCH_CONNECTIONS = 2;

/** Brikk's Postgres. Connections are made when they are needed: a process starts while the database is briefly away. */
export class Database {
  readonly #app: Pool;
  readonly #dispatch: Pool | undefined;

  /** See the option. */
  readonly answerWithinMs: number;

  private constructor(readonly options: DatabaseOptions) {
    const { answerWithinMs = ANSWER_DEADLINE_MS, poolSize = POOL_SIZE } = options;
    this.answerWithinMs = answerWithinMs;
    this.#app = new Pool(options.appUrl, poolSize, answerWithinMs);
    if (options.dispatchUrl) this.#dispatch = new Pool(options.dispatchUrl, DISPATCH_CONNECTIONS, answerWithinMs);
  }

  /** Fails when the role could see past row-level security; a database that is away is asked again at the first use. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const database = new Database(options);
    try {
      await named(() => database.#app.check());
    } catch (error) {
      if (isAway(error)) return database;
      await database.close();
      throw error;
    }
    return database;
  }

  /** One transaction in which only this organisation's rows exist. Fails `dependency.unavailable` without Postgres. */
  async inOrg<T>(orgId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#app.transaction(beginIn(orgId), orgId, work);
  }

  /**
   * The same for work that sends all its statements at once, without looking at rows in between: the commit goes out
   * with them, and all of it is one round trip.
   */
  async inOrgAtOnce<T>(orgId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#app.transaction(beginIn(orgId), orgId, work, { atOnce: true });
  }

  /** One transaction that belongs to no organisation yet: only what has no policy is there. */
  async outsideOrgs<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#app.transaction('BEGIN', undefined, work);
  }

  /** One transaction as the role of sweepers: few columns, all organisations. */
  async asDispatch<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!this.#dispatch) throw new Error('DATABASE_DISPATCH_URL is not set');
    return this.#dispatch.transaction('BEGIN', undefined, work);
  }

  async ping(): Promise<void> {
    await this.#app.transaction('BEGIN', undefined, (tx) => tx('SELECT 1'));
  }

  async close(): Promise<void> {
    await Promise.all([this.#app.close(), this.#dispatch?.close()]);
  }
}

/** One message for both: half of a small transaction is waiting for answers. */
function beginIn(orgId: string): string {
  if (!isUuid(orgId)) throw new TypeError('an organisation is a UUID');
  return `BEGIN; SELECT set_config('app.org', '${orgId}', true)`;
}

/** The connections of one role, which is looked at before the first use. */
class Pool {
  readonly #pool: pg.Pool;
  #isChecked = false;

  constructor(url: string, max: number, answerWithinMs: number) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max,
      connectionTimeoutMillis: CONNECT_DEADLINE_MS,
      query_timeout: answerWithinMs,
      application_name: 'brikk',
      // Statements that do not wait for each other's rows share a round trip.
      pipeline: true,
    });
    this.#pool.on('error', () => undefined); // An idle connection broke; the pool replaces it.
    // One in use breaks its queries and then says so again: without a listener that would end the process.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async check(): Promise<void> {
    if (this.#isChecked) return;
    await refuseSuperuser(this.#pool);
    this.#isChecked = true;
  }

  transaction<T>(
    begin: string,
    orgId: string | undefined,
    work: (tx: Tx) => Promise<T>,
    { atOnce = false } = {},
  ): Promise<T> {
    return named(async () => {
      await this.check();
      const client = await this.#pool.connect();
      let failure: Error | undefined;
      try {
        // On its way together with the first statement of the work.
        const begun = client.query(begin);
        begun.catch(() => undefined);
        const statements = statementsOn(client, orgId);
        const done = work(statements.tx);
        done.catch(() => undefined);
        if (!atOnce) await done;
        statements.end();
        const committed = client.query('COMMIT');
        committed.catch(() => undefined);
        const result = await done;
        await begun;
        const { command } = await committed;
        if (command !== 'COMMIT') throw new Error('a statement of the transaction had failed: nothing was written');
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

  close(): Promise<void> {
    return this.#pool.end();
  }
}

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw nameFailure(error);
  }
}
