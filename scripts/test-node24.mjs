// Runs `npm test` on Node 24, whatever Node is installed. Arguments go to jest: `npm run test:node24 -- contracts`.
// Built-ins only.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { node24 } from './node24.mjs';
import { root } from './prepare.mjs';

const node = node24();
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
