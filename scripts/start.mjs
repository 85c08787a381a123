// Works on a fresh clone with nothing but Node and npm: built-ins only until everything is installed and built.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const main = join(root, 'dist', 'apps', 'cli', 'main.js');

if (await prepare()) {
  process.argv = [process.execPath, main, 'up', ...process.argv.slice(2)];
  await import(pathToFileURL(main).href);
} else {
  process.exitCode = 1;
}
