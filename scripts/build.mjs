// Compiles every room into dist and bundles the workflows; dist counts as complete once its stamp is there.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const startedAt = new Date();

rmSync(dist, { recursive: true, force: true });
// The native compiler gives the same modules as "nest build api" in a fifth of the time.
const tsc = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

for (const folder of ['data', 'definitions']) {
  const from = join(root, 'examples', folder);
  const filter = (file) => !file.endsWith('.ts');
  if (existsSync(from)) cpSync(from, join(dist, 'examples', folder), { recursive: true, filter });
}
chmodSync(join(dist, 'apps', 'cli', 'main.js'), 0o755);

const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
const { code } = await bundleWorkflowCode({
  workflowsPath: join(dist, 'workflows'),
  preloadModules: [join(dist, 'workflows', 'preload.js')],
  logger: new DefaultLogger('WARN'),
});
writeFileSync(join(dist, 'workflow-bundle.js'), code);
const stamp = join(dist, '.built');
writeFileSync(stamp, '');
// Sources that changed while this ran make the next start build again.
utimesSync(stamp, startedAt, startedAt);
