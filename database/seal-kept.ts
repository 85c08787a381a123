import type { Database, Tx } from './database.js';
import { callbackCell, signingCell } from './kept-secret.js';
import type { Vault } from './vault.js';

const AT_ONCE = 500;

/** Where secrets of Brikk's own stand, and how their rows are named; the column says whose cell each is. */
const PLACES = [
  { table: 'agent', id: 'id', column: 'signing_secret', cellOf: signingCell },
  { table: 'callback_key', id: 'org_id', column: 'secret', cellOf: callbackCell },
];
type Place = (typeof PLACES)[number];

/**
 * Seals what was kept before there was a master key, a group of rows in a transaction; answers how many. Who reads
 * meanwhile finds one or the other, and both open. An organisation whose key is not there fails at the end. Nothing happens without a master key.
 */
export async function sealKept(database: Database, vault: Vault): Promise<number> {
  if (!vault.canSeal) return 0;
  let sealed = 0;
  const failures: unknown[] = [];
  for (const place of PLACES) {
    const orgs = await database.asDispatch((tx) =>
      tx<{ orgId: string }>(`SELECT DISTINCT org_id AS "orgId" FROM ${place.table} WHERE NOT is_sealed`),
    );
    for (const { orgId } of orgs)
      try {
        for (let count = AT_ONCE; count === AT_ONCE; sealed += count)
          count = await database.inOrg(orgId, (tx) => sealGroup(tx, vault, orgId, place));
      } catch (error) {
        failures.push(error);
      }
  }
  if (failures.length > 0) throw failures[0];
  return sealed;
}

async function sealGroup(tx: Tx, vault: Vault, orgId: string, { table, id, column, cellOf }: Place): Promise<number> {
  const rows = await tx<{ id: string; secret: string }>(
    `SELECT ${id} AS id, ${column} AS secret FROM ${table} WHERE NOT is_sealed
     ORDER BY ${id} LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED`,
  );
  if (rows.length === 0) return 0;
  const seal = await vault.sealer(tx, orgId);
  const texts = rows.map((row) => seal(cellOf(orgId, row.id), row.secret));
  await tx(
    `UPDATE ${table} SET ${column} = s.text, is_sealed = true
     FROM unnest($1::uuid[], $2::text[]) AS s (id, text) WHERE ${table}.${id} = s.id`,
    [rows.map((row) => row.id), texts],
  );
  return rows.length;
}
