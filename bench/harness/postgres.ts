import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { ProductStatus } from './product.js';

/** The launcher keeps the passwords of the roles it made in the data folder. */
export function appUrlOf({ home, postgres }: ProductStatus): string {
  if (process.env.DATABASE_APP_URL) return process.env.DATABASE_APP_URL;
  const { app } = JSON.parse(readFileSync(join(home, 'db.json'), 'utf8')) as { app: string };
  return Object.assign(new URL(postgres.url), { username: 'brikk_app', password: app }).href;
}

/** An empty database of this name on the product's server, as its owner; one that was there is dropped. */
export async function emptyDatabase(status: ProductStatus, name: string): Promise<string> {
  const owner = ownerUrlOf(status);
  const client = new pg.Client({ connectionString: owner });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  return Object.assign(new URL(owner), { pathname: `/${name}` }).href;
}

/** The owner's password is kept beside the cluster. */
function ownerUrlOf({ home, postgres }: ProductStatus): string {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  const password = readFileSync(join(home, 'postgres', 'password'), 'utf8').trim();
  return Object.assign(new URL(postgres.url), { password }).href;
}
