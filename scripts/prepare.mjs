// Node's version, node_modules and dist: what must be right before anything of ours can run. Built-ins only.
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const SOURCES = [
  'apps',
  'contracts',
  'workflows',
  'selection',
  'activities',
  'connectors',
  'database',
  'sdk',
  'examples',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
];

/** Installs and builds what is missing or out of date. False, after one sentence, when that is not possible. */
export async function prepare() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (!isAtLeast(process.versions.node, engines.node.replace('>=', ''))) {
    console.error(
      `Brikk needs Node ${engines.node}, this is ${process.versions.node}: install a newer one from nodejs.org.`,
    );
    return false;
  }
  if (mustInstall() && isLink(join(root, 'node_modules'))) {
    // npm ci empties the folder that a link points to, and that folder belongs to another checkout.
    console.error('node_modules is a link and out of date: run "npm ci" where it points to, or remove the link.');
    return false;
  }
  if (
    mustInstall() &&
    !(await step('Installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']))
  )
    return false;
  return !mustBuild() || step('Building', process.execPath, [join(root, 'scripts', 'build.mjs')]);
}

/** npm writes this file last: without it an install was interrupted. */
function mustInstall() {
  const installedMs = modifiedMs(join(root, 'node_modules', '.package-lock.json'));
  return installedMs === 0 || installedMs < modifiedMs(join(root, 'package-lock.json'));
}

/** The build writes its stamp last, with the time at which it began. */
function mustBuild() {
  const builtMs = modifiedMs(join(root, 'dist', '.built'));
  return builtMs === 0 || SOURCES.some((source) => isNewer(join(root, source), builtMs));
}

function isNewer(path, thanMs) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return false;
  if (!stat.isDirectory()) return !path.endsWith('.spec.ts') && stat.mtimeMs > thanMs;
  // A folder's own time tells of files that were removed.
  return stat.mtimeMs > thanMs || readdirSync(path).some((name) => isNewer(join(path, name), thanMs));
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function modifiedMs(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

function isAtLeast(version, minimum) {
  const [major, minor] = version.split('.').map(Number);
  const [needMajor, needMinor] = minimum.split('.').map(Number);
  return major > needMajor || (major === needMajor && minor >= needMinor);
}

/** Runs a program; its output is shown only when it fails. */
async function step(name, program, args) {
  const startedAt = performance.now();
  const elapsed = () => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
  const isTerminal = process.stdout.isTTY;
  if (isTerminal) process.stdout.write(`  ${name} …\r`);
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const failure = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `it ended with ${signal ?? code}`));
  });
  if (failure === undefined) {
    console.log(`  ${name.padEnd(21)} ${elapsed().padStart(6)}`);
    return true;
  }
  process.stderr.write(output);
  console.error(`${name} failed after ${elapsed()}: ${failure}; the reason is above.`);
  return false;
}
