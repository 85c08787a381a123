import { BrikkError } from '../contracts/errors.js';
import type { Organisation } from '../contracts/organisations.js';
import type { Database, Tx } from './database.js';
import { OrganisationRow } from './entities/organisation.entity.js';
import { isUuid, uuidv7 } from './uuid.js';

/** The organisation that a fresh installation starts with. */
export const DEFAULT_ORGANISATION = { id: '00000000-0000-7000-8000-000000000001', name: 'default' };

export async function createOrganisation(database: Database, name: string): Promise<Organisation> {
  const row = { id: uuidv7(), name, createdAt: new Date() };
  await database.inOrg(row.id, (tx) => tx.insert(OrganisationRow, row));
  return { ...row, createdAt: row.createdAt.toISOString() };
}

/** Fails `organisation.not_found`, also for one that is not the transaction's own. */
export async function findOrganisation(tx: Tx, id: string): Promise<Organisation> {
  const row = isUuid(id) ? await tx.findOneBy(OrganisationRow, { id }) : null;
  if (!row) throw new BrikkError('organisation.not_found', `There is no organisation ${id}`);
  return { id: row.id, name: row.name, createdAt: row.createdAt.toISOString() };
}

/** The first organisation exists afterwards; a repeat changes nothing. */
export async function ensureDefaultOrganisation(database: Database): Promise<string> {
  const { id, name } = DEFAULT_ORGANISATION;
  await database.inOrg(id, (tx) =>
    tx.query('INSERT INTO organisation (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [id, name]),
  );
  return id;
}
