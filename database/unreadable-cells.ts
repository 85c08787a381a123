import { createHash } from 'node:crypto';
import { AskTogether } from './ask-together.js';
import { audit, lockAudit } from './audit.repository.js';
import type { Database, Tx } from './database.js';
import type { Cell, TellUnreadable } from './vault.js';

const MAX_KNOWN = 10_000;
const ACTION = 'secret.unreadable';

interface Unreadable {
  cell: Cell;
  fingerprint: string;
}

/**
 * Puts cells that do not open on record: one entry of the audit chain and one warning for a cell and what stands there, however
 * many processes stumble over it. In a transaction of its own, later: that of who wanted to read it fails.
 */
export class UnreadableCells {
  readonly #known = new Set<string>();
  readonly #recording: AskTogether<Unreadable, boolean>;

  constructor(
    database: Database,
    private readonly warn: (fields: Record<string, unknown>, message: string) => void,
  ) {
    this.#recording = new AskTogether((orgId, found) => database.inOrg(orgId, (tx) => recordEach(tx, found)));
  }

  readonly tell: TellUnreadable = (cell, sealed) => {
    const fingerprint = fingerprintOf(cell, sealed);
    if (this.#known.has(fingerprint)) return;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.add(fingerprint);
    this.#recording.ask(cell.orgId, { cell, fingerprint }).then(
      (isNew) => {
        const { orgId, table, column, rowId } = cell;
        if (isNew) this.warn({ orgId, table, column, rowId }, 'a sealed cell does not open');
      },
      // Postgres is away: whoever wants to read it next tells again.
      () => this.#known.delete(fingerprint),
    );
  };
}

/** Whether each of them was not on record before. */
async function recordEach(tx: Tx, found: Unreadable[]): Promise<boolean[]> {
  const isNew: boolean[] = [];
  for (const one of found) isNew.push(await record(tx, one));
  return isNew;
}

async function record(tx: Tx, { cell, fingerprint }: Unreadable): Promise<boolean> {
  const { orgId, table, column, rowId } = cell;
  const target = `${table}.${column}/${rowId}`;
  // Whoever looks behind this lock sees what another process has written.
  await lockAudit(tx, orgId);
  const before = await tx(
    `SELECT FROM audit_event WHERE org_id = $1 AND action = '${ACTION}' AND target = $2 AND request_id = $3`,
    [orgId, target, fingerprint],
  );
  if (before.length > 0) return false;
  const actor = { type: 'system' as const, id: 'vault', via: 'open' };
  await audit(tx, { orgId, actor, action: ACTION, target, outcome: 'failed', requestId: fingerprint });
  return true;
}

/** Tells one change of a cell from another, and nothing of what was in it. */
const fingerprintOf = ({ orgId, table, column, rowId }: Cell, sealed: string): string =>
  createHash('sha256').update([orgId, table, column, rowId, sealed].join('|')).digest('hex').slice(0, 16);
