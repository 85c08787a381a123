import { Command } from 'commander';
import { registerMemoryCommands } from './commands/memory.js';
import { registerAgentCommands } from './commands/agents.js';
import { registerPatternCommands } from './commands/patterns.js';
import { registerApprovalCommands } from './commands/approvals.js';
import { registerConnectionCommands } from './commands/connections.js';
import { registerEventCommands } from './commands/events.js';
import { registerGraphCommand } from './commands/graph.js';
import { registerInitCommand } from './commands/init.js';
import { registerJqCommand } from './commands/jq.js';
import { registerPoolCommands } from './commands/pools.js';
import { registerQuotaCommands } from './commands/quota.js';
import { registerResourceCommands } from './commands/resources.js';
import { registerScheduleCommands } from './commands/schedules.js';
import { registerSelectionCommands } from './commands/selection.js';
import { registerSecretCommands } from './commands/secrets.js';
import { registerRunCommands } from './commands/runs.js';
import { registerValidateCommands } from './commands/validate.js';
import { registerWebhookCommands } from './commands/webhooks.js';
import { registerWorkflowCommands } from './commands/workflows.js';
import { packageVersion } from './package-root.js';
import { registerDoctorCommand } from './up/doctor.command.js';
import { registerDownCommand } from './up/down.command.js';
import { registerMigrateCommand } from './up/migrate.command.js';
import { registerStatusCommand } from './up/status.command.js';
import { registerUpCommand } from './up/up.command.js';

/** The command line with all its commands. */
export function createProgram(): Command {
  const program = new Command('brikk')
    .description('Durable coordination of agents')
    .version(packageVersion())
    .showHelpAfterError('(add --help for what is allowed)');

  registerUpCommand(program);
  registerDownCommand(program);
  registerStatusCommand(program);
  registerDoctorCommand(program);
  registerMigrateCommand(program);
  registerInitCommand(program);
  registerRunCommands(program);
  registerAgentCommands(program);
  registerPoolCommands(program);
  registerPatternCommands(program);
  registerWorkflowCommands(program);
  registerScheduleCommands(program);
  registerMemoryCommands(program);
  registerApprovalCommands(program);
  registerValidateCommands(program);
  registerGraphCommand(program);
  registerJqCommand(program);
  registerSecretCommands(program);
  registerConnectionCommands(program);
  registerEventCommands(program);
  registerQuotaCommands(program);
  registerResourceCommands(program);
  registerSelectionCommands(program);
  registerWebhookCommands(program);
  return program;
}
