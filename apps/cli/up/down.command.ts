import type { Command } from 'commander';
import { environment } from '../environment.js';
import { UserError } from '../user-error.js';
import { stillRuns } from './process-identity.js';
import { recoverFromCrash } from './recover.js';
import { readHome } from './settings.js';
import { findSupervisor } from './supervisor-lock.js';
import { stopProcess } from './stop-process.js';

export function registerDownCommand(program: Command): void {
  program
    .command('down')
    .description('stop what `brikk up` started on this data folder; the data stays')
    .action(() => down(readHome(environment)));
}

async function down(home: string): Promise<void> {
  const supervisor = findSupervisor(home);
  if (!supervisor) {
    const left = await recoverFromCrash(home);
    console.log(left > 0 ? `Ended ${left} processes of a killed start` : `Nothing is running on ${home}`);
    return;
  }
  await stopProcess(supervisor.pid, [
    { signal: 'SIGTERM', waitMs: 15_000 },
    { signal: 'SIGKILL', waitMs: 2_000 },
  ]);
  if (stillRuns(supervisor))
    throw new UserError(`Process ${supervisor.pid} does not end: it may belong to another user.`);
  await recoverFromCrash(home);
  console.log('Stopped');
}
