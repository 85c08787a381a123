import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with package.json and temporal-dev.yml, the same from the sources and from `dist`. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The version in package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'temporal-dev.yml'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('temporal-dev.yml is missing from the package');
  return findRoot(parent);
}
