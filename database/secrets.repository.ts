import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import type { PutSecret, SecretSummary } from '../contracts/secrets.js';
import { decodeCursor, isName, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { uuidv7 } from './uuid.js';
import type { Vault } from './vault.js';

type SummaryRow = Omit<SecretSummary, 'updatedAt'> & { updatedAt: Date };

const SUMMARY = `name, version, updated_at AS "updatedAt", updated_by AS "updatedBy"`;
const cellOf = (orgId: string, id: string) => ({ orgId, table: 'secret', column: 'value', rowId: id });

/** A new secret, or a new value of one; whoever asks for it from now on gets that. */
export async function putSecret(
  tx: Tx,
  vault: Vault,
  { orgId, name, by }: { orgId: string; name: string; by: SecretSummary['updatedBy'] },
  { value }: PutSecret,
): Promise<SecretSummary> {
  const [{ id }] = (await tx<{ id: string }>(
    // An update that changes nothing tells the row's id, and holds it.
    `INSERT INTO secret (id, org_id, name, value, version, updated_by) VALUES ($1, $2, $3, '', 0, $4)
     ON CONFLICT (org_id, name) DO UPDATE SET name = excluded.name RETURNING id`,
    [uuidv7(), orgId, name, JSON.stringify(by)],
  )) as [{ id: string }];
  const sealed = await vault.seal(tx, cellOf(orgId, id), JSON.stringify(value));
  const [row] = await tx<SummaryRow>(
    `UPDATE secret SET value = $2, version = version + 1, updated_at = clock_timestamp(), updated_by = $3
     WHERE id = $1 RETURNING ${SUMMARY}`,
    [id, sealed, JSON.stringify(by)],
  );
  return show(row as SummaryRow);
}

/** By name, without their values. */
export async function listSecrets(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<SecretSummary>> {
  const after = cursor === undefined ? null : decodeCursor(cursor, isName);
  const rows = await tx<SummaryRow>(
    `SELECT ${SUMMARY} FROM secret WHERE $1::text IS NULL OR name > $1 ORDER BY name LIMIT $2`,
    [after, limit + 1],
  );
  return toPage(rows, limit, ({ name }) => name, show);
}

/** Fails `secret.not_found`. */
export async function deleteSecret(tx: Tx, name: string): Promise<void> {
  const rows = await tx('DELETE FROM secret WHERE name = $1 RETURNING id', [name]);
  if (rows.length === 0) throw new BrikkError('secret.not_found', `There is no secret ${name}`);
}

/** Those of the names that no secret has. */
export async function missingSecrets(tx: Tx, names: readonly string[]): Promise<string[]> {
  const rows = await tx<{ name: string }>('SELECT name FROM secret WHERE name = ANY($1)', [names]);
  const known = new Set(rows.map(({ name }) => name));
  return names.filter((name) => !known.has(name));
}

/** The values of those that there are, by name. */
export async function openSecrets(
  tx: Tx,
  vault: Vault,
  orgId: string,
  names: readonly string[],
): Promise<Map<string, Json>> {
  const rows = await tx<{ id: string; name: string; value: string }>(
    'SELECT id, name, value FROM secret WHERE name = ANY($1)',
    [names],
  );
  const opened = rows.map(async ({ id, name, value }) => {
    const text = await vault.open(tx, cellOf(orgId, id), value);
    return [name, JSON.parse(text) as Json] as const;
  });
  return new Map(await Promise.all(opened));
}

const show = ({ updatedAt, ...row }: SummaryRow): SecretSummary => ({ ...row, updatedAt: updatedAt.toISOString() });
