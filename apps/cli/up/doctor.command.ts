import type { Command } from 'commander';
import type { ConnectionInUse } from '../../../contracts/connections.js';
import { BrikkApiError, type BrikkClient } from '../../../sdk/client.js';
import { everyItem } from '../../../sdk/every-item.js';
import { connect, explain } from '../commands/connect.js';
import { environment } from '../environment.js';
import { UserError } from '../user-error.js';
import { checkCredentials } from './check-credentials.js';
import type { Check } from './doctor.js';
import { readSettings, type Settings } from './settings.js';
import { findSupervisor } from './supervisor-lock.js';

export function registerDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'check Node, ports, Postgres, Temporal, disk, clock and credentials that end, and say how to put each right',
    )
    .action(async () => {
      const { checkAll } = await import('./doctor.js'); // It brings the clients of Postgres and Temporal.
      const settings = readSettings(environment);
      const checks = [...(await checkAll(settings, environment)), ...(await checkRunning(settings))];
      for (const check of checks) console.log(renderCheck(check));
      if (checks.some(({ isFine }) => !isFine)) process.exitCode = 1;
    });
}

/** What only a Brikk that runs can say. */
async function checkRunning({ home }: Settings): Promise<Check[]> {
  if (!findSupervisor(home) && !environment['BRIKK_API_URL']) return [];
  try {
    return checkCredentials(await connectionsOf(connect({})));
  } catch (error) {
    if (!(error instanceof BrikkApiError || error instanceof UserError)) throw error;
    const said = error instanceof BrikkApiError ? explain(error) : error.message;
    return [{ name: 'Secrets', isFine: true, finding: `not looked at: ${said}`, fix: '' }];
  }
}

async function connectionsOf(client: BrikkClient): Promise<ConnectionInUse[]> {
  const found: ConnectionInUse[] = [];
  for await (const connection of everyItem((page) => client.connections.list(page))) found.push(connection);
  return found;
}

export function renderCheck({ name, isFine, finding, fix }: Check): string {
  const line = `${isFine ? 'ok  ' : 'FAIL'}  ${name.padEnd(9)} ${finding}`;
  return isFine ? line : `${line}\n      fix: ${fix}`;
}
