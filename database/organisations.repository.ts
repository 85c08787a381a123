import { BrikkError } from '../contracts/errors.js';
import type { Organisation } from '../contracts/organisations.js';
import type { Database, Tx } from './database.js';
import { asOrg } from './sql.js';
import { isUuid, uuidv7 } from './uuid.js';

/** The organisation that a fresh installation starts with. */
export const DEFAULT_ORGANISATION = { id: '00000000-0000-7000-8000-000000000001', name: 'default' };

/** From inside any transaction; what the organisation starts with is made in the same one through `asOrg`. */
export async function createOrganisation(tx: Tx, name: string): Promise<Organisation> {
  const id = uuidv7();
  const createdAt = new Date().toISOString();
  await asOrg(tx, id, (own) =>
    own('INSERT INTO organisation (id, name, created_at) VALUES ($1, $2, $3)', [id, name, createdAt]),
  );
  return { id, name, createdAt };
}

/** Fails `organisation.not_found`, also for one that is not the transaction's own. */
export async function findOrganisation(tx: Tx, id: string): Promise<Organisation> {
  const [row] = isUuid(id)
    ? await tx<{ id: string; name: string; createdAt: Date }>(
        'SELECT id, name, created_at AS "createdAt" FROM organisation WHERE id = $1',
        [id],
      )
    : [];
  if (!row) throw new BrikkError('organisation.not_found', `There is no organisation ${id}`);
  return { ...row, createdAt: row.createdAt.toISOString() };
}

/** The first organisation exists afterwards; a repeat changes nothing. */
export async function ensureDefaultOrganisation(database: Database): Promise<string> {
  const { id, name } = DEFAULT_ORGANISATION;
  await database.inOrg(id, (tx) =>
    tx('INSERT INTO organisation (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [id, name]),
  );
  return id;
}
