import type { Command } from 'commander';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { packageRoot } from '../package-root.js';
import { errorCode, UserError } from '../user-error.js';
import { projectFiles } from './init-files.js';

/** `brikk init folder`: a project with an agent, a workflow definition and a test. */
export function registerInitCommand(program: Command): void {
  program
    .command('init <folder>')
    .description('begin a project: an agent, a workflow definition, a test; . is the folder you are in')
    .action((folder: string) => console.log(initProject(folder)));
}

/** Writes the project and answers what to do next. Fails with a `UserError` when the folder holds anything. */
export function initProject(folder: string): string {
  const root = resolve(folder);
  const taken = namesIn(root, folder);
  if (taken.length > 0)
    throw new UserError(`${folder} is not empty: choose a folder that is, or one that is not there yet.`);
  const name =
    basename(root)
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'agents';
  const files = projectFiles({ name, ...dependencies() });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { flag: 'wx' });
  }
  const place = relative(process.cwd(), root);
  const next = [...(place === '' ? [] : [`cd ${place}`]), 'npm install', 'npm test', 'npm run up', 'npm start'];
  return [`Wrote ${Object.keys(files).length} files to ${folder}. Next:`, ...next.map((line) => `  ${line}`)].join(
    '\n',
  );
}

function namesIn(root: string, folder: string): string[] {
  try {
    return readdirSync(root).filter((name) => name !== '.git');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    if (errorCode(error) === 'ENOTDIR') throw new UserError(`${folder} is a file: choose a folder.`, { cause: error });
    throw error;
  }
}

/** The version that is at work here; a checkout that nobody has published is depended on where it stands. */
function dependencies(): { brikk: string; zod: string } {
  const own = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
    dependencies: { zod: string };
  };
  const isInstalled = packageRoot.split(sep).includes('node_modules');
  return { brikk: isInstalled ? own.version : `file:${packageRoot}`, zod: own.dependencies.zod };
}
