// Builds what is missing, compiles bench/ beside the build (it is no part of it) and measures.
// `--no-build` measures the build as it is.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { prepare, root } from './prepare.mjs';

const args = process.argv.slice(2).filter((argument) => argument !== '--no-build');
const asItIs = process.argv.includes('--no-build') || args.includes('--help');
if (!asItIs && !(await prepare())) process.exit(1);
await compile('bench');
const child = spawn(process.execPath, [path.join(root, 'dist/bench/main.js'), ...args], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => process.exit(code ?? 1));

async function compile(folder) {
  const { transformFileSync } = await import('@swc/core');
  for (const entry of readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.spec.ts')) continue;
    const source = path.join(entry.parentPath, entry.name);
    if (source.includes('node_modules')) continue; // Those of peers, once they are installed.
    const target = path.join(root, 'dist', path.relative(root, source)).replace(/\.ts$/, '.js');
    const { code } = transformFileSync(source, {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    });
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, code);
  }
}
