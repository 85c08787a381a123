#!/usr/bin/env node
import { Command } from 'commander';
import { registerAgentCommands } from './commands/agents.js';
import { registerRunCommands } from './commands/runs.js';
import { environment } from './environment.js';
import { packageVersion } from './package-root.js';
import { registerDoctorCommand } from './up/doctor.command.js';
import { registerDownCommand } from './up/down.command.js';
import { registerMigrateCommand } from './up/migrate.command.js';
import { registerStatusCommand } from './up/status.command.js';
import { registerUpCommand } from './up/up.command.js';
import { UserError } from './user-error.js';

const program = new Command('brikk')
  .description('Durable coordination of agents')
  .version(packageVersion())
  .showHelpAfterError('(add --help for what is allowed)');

registerUpCommand(program);
registerDownCommand(program);
registerStatusCommand(program);
registerDoctorCommand(program);
registerMigrateCommand(program);
registerRunCommands(program);
registerAgentCommands(program);

process.stdout.on('error', () => undefined); // The reader of a pipe may leave before the last line.

try {
  await program.parseAsync();
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
