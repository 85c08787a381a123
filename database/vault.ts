import { randomBytes } from 'node:crypto';
import { BrikkError } from '../contracts/errors.js';
import type { Tx } from './database.js';
import type { KeyProvider } from './master-key.js';
import { KEY_BYTES, keyIdOf, seal, unseal } from './seal.js';

/** A cell of a table: what is sealed for one opens in no other. */
export interface Cell {
  orgId: string;
  table: string;
  column: string;
  rowId: string;
}

interface DataKeyRow {
  keyId: string;
  wrapped: string;
  masterKeyId: string;
}

/** New content is sealed by a new data key after this; what older keys sealed stays readable. */
const KEY_DAYS = 30;
const MAX_KEYS = 10_000;
const COLUMNS = `key_id AS "keyId", wrapped, master_key_id AS "masterKeyId"`;

/** Hears of each cell that does not open, and of what stands there. */
export type TellUnreadable = (cell: Cell, sealed: string) => void;

/**
 * Seals content at rest with a data key per organisation, which the master key wraps. Inside the caller's transaction; the
 * keys that were read stay in memory.
 */
export class Vault {
  readonly #keys = new Map<string, Buffer>();

  /** Without a master key everything fails `dependency.unavailable`. */
  constructor(
    private readonly master: KeyProvider | undefined,
    private readonly tell: TellUnreadable = () => undefined,
  ) {}

  /** Whether there is a master key. */
  get canSeal(): boolean {
    return this.master !== undefined;
  }

  async seal(tx: Tx, cell: Cell, content: string): Promise<string> {
    return (await this.sealer(tx, cell.orgId))(cell, content);
  }

  /** Seals many cells of one organisation with one look at its key. */
  async sealer(tx: Tx, orgId: string): Promise<(cell: Cell, content: string) => string> {
    const key = await this.#activeKey(tx, orgId);
    return (cell, content) => seal(key, placeOf(cell), Buffer.from(content));
  }

  /** Fails `secret.unreadable` when the content was changed, or belongs to another cell. */
  async open(tx: Tx, cell: Cell, sealed: string): Promise<string> {
    const key = await this.#keyOf(tx, cell, sealed);
    return this.#named(cell, sealed, () => unseal(key, placeOf(cell), sealed).toString());
  }

  /** The same where the key is in memory; undefined where it has to be read first. */
  openAtOnce(cell: Cell, sealed: string): string | undefined {
    const keyId = this.#named(cell, sealed, () => keyIdOf(sealed));
    const key = this.#keys.get(`${cell.orgId}/${keyId}`);
    return key && this.#named(cell, sealed, () => unseal(key, placeOf(cell), sealed).toString());
  }

  async #activeKey(tx: Tx, orgId: string): Promise<{ keyId: string; key: Buffer }> {
    const find = () => tx<DataKeyRow>(`SELECT ${COLUMNS} FROM org_key WHERE state = 'active'`);
    await tx(
      `UPDATE org_key SET state = 'retired' WHERE state = 'active' AND created_at < now() - interval '${KEY_DAYS} days'`,
    );
    let [row] = await find();
    if (!row) {
      const keyId = randomBytes(4).toString('hex');
      const wrapped = this.#required.wrap(randomBytes(KEY_BYTES), placeOf(wrappedCell(orgId, keyId)));
      // Another process may be first: its key is taken.
      await tx(
        `INSERT INTO org_key (org_id, key_id, wrapped, master_key_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
        [orgId, keyId, wrapped, this.#required.keyId],
      );
      [row] = await find();
    }
    if (!row) throw new Error('the data key of the organisation is gone');
    return { keyId: row.keyId, key: await this.#unwrap(tx, orgId, row) };
  }

  async #keyOf(tx: Tx, cell: Cell, sealed: string): Promise<Buffer> {
    const { orgId } = cell;
    const keyId = this.#named(cell, sealed, () => keyIdOf(sealed));
    const known = this.#keys.get(`${orgId}/${keyId}`);
    if (known) return known;
    const [row] = await tx<DataKeyRow>(`SELECT ${COLUMNS} FROM org_key WHERE key_id = $1`, [keyId]);
    if (row) return this.#unwrap(tx, orgId, row);
    return this.#named(cell, sealed, () => {
      throw new Error(`there is no data key ${keyId}`);
    });
  }

  /** A key that an older master key has wrapped is wrapped anew. */
  async #unwrap(tx: Tx, orgId: string, { keyId, wrapped, masterKeyId }: DataKeyRow): Promise<Buffer> {
    const name = `${orgId}/${keyId}`;
    const known = this.#keys.get(name);
    if (known) return known;
    const cell = wrappedCell(orgId, keyId);
    const master = this.#required;
    const key = this.#named(cell, wrapped, () => master.unwrap(wrapped, masterKeyId, placeOf(cell)));
    if (masterKeyId !== master.keyId)
      await tx(`UPDATE org_key SET wrapped = $2, master_key_id = $3 WHERE key_id = $1`, [
        keyId,
        master.wrap(key, placeOf(cell)),
        master.keyId,
      ]);
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    this.#keys.set(name, key);
    return key;
  }

  #named<T>(cell: Cell, sealed: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      this.tell(cell, sealed);
      throw cause instanceof BrikkError ? cause : unreadable(cell, cause);
    }
  }

  get #required(): KeyProvider {
    if (this.master) return this.master;
    throw new BrikkError('dependency.unavailable', 'Secrets need a master key: set BRIKK_MASTER_KEY');
  }
}

/** Whether a cell did not open: another reading of it ends alike. */
export const isUnreadable = (error: unknown): error is BrikkError =>
  error instanceof BrikkError && error.code === 'secret.unreadable';

const unreadable = ({ table, column, rowId }: Cell, cause: unknown): BrikkError =>
  new BrikkError('secret.unreadable', `${table}.${column} of ${rowId} does not open`, { cause });

const placeOf = ({ orgId, table, column, rowId }: Cell): string => [orgId, table, column, rowId].join('|');
const wrappedCell = (orgId: string, rowId: string): Cell => ({ orgId, table: 'org_key', column: 'wrapped', rowId });
