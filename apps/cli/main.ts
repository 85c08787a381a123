#!/usr/bin/env node
import { environment } from './environment.js';
import { createProgram } from './program.js';
import { UserError } from './user-error.js';

process.stdout.on('error', () => undefined); // The reader of a pipe may leave before the last line.

try {
  await createProgram().parseAsync();
} catch (error) {
  fail(error);
}

/** One sentence; the stack only when somebody asks for it. */
function fail(error: unknown): void {
  const message = error instanceof Error ? error.message || error.name : String(error);
  process.stderr.write(`${message}\n`);
  if (environment['BRIKK_DEBUG'] && error instanceof Error && !(error instanceof UserError))
    process.stderr.write(`${error.stack ?? ''}\n`);
  if (process.send) process.send({ type: 'failure', line: message }, () => process.exit(1));
  else process.exit(1);
}
