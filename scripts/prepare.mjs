// Installs and builds when needed. Built-ins only: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const MINIMUM_NODE = [20, 19];
const ROOMS = 'apps contracts workflows selection activities connectors database sdk examples'.split(' ');
const BUILD_INPUTS = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs', ...ROOMS];

/** Ends with one sentence on a Node that is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = MINIMUM_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  console.error(`Brikk needs Node ${MINIMUM_NODE.join('.')} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** `npm ci` when node_modules is missing or older than the lock file. */
export function ensureInstalled() {
  requireNode();
  const marker = path.join(root, 'node_modules/.package-lock.json');
  if (existsSync(marker) && modified(marker) >= modified(path.join(root, 'package-lock.json'))) return;
  step('Installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Builds when a source is newer than the build. */
export function ensureBuilt() {
  const built = path.join(root, 'dist/workflow-bundle.js');
  const builtAt = existsSync(built) ? modified(built) : 0;
  if (BUILD_INPUTS.every((input) => newest(path.join(root, input)) <= builtAt)) return;
  step('Building', process.execPath, ['scripts/build.mjs']);
}

function step(name, command, args) {
  const started = performance.now();
  console.log(`${name} …`);
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`${name} failed:\n${stdout ?? ''}${stderr ?? ''}`);
    process.exit(1);
  }
  console.log(`${name} done in ${((performance.now() - started) / 1_000).toFixed(1)} s`);
}

function modified(file) {
  return statSync(file).mtimeMs;
}

function newest(place) {
  if (!existsSync(place)) return 0;
  const stat = statSync(place);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(place).reduce(
    (latest, name) => Math.max(latest, name.endsWith('.spec.ts') ? 0 : newest(path.join(place, name))),
    stat.mtimeMs,
  );
}
