import { Option, type Command } from 'commander';
import { environment } from '../environment.js';
import { UserError } from '../user-error.js';
import { readHome } from './settings.js';
import { readState, type Status } from './state-file.js';
import { findSupervisor } from './supervisor-lock.js';

export function registerStatusCommand(program: Command): void {
  program
    .command('status')
    .description('what runs on this data folder; fails when nothing does')
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action(({ output }: { output: 'text' | 'json' }) => {
      const status = readStatus(readHome(environment));
      console.log(output === 'json' ? JSON.stringify(status, null, 2) : renderStatus(status));
    });
}

/** The status of the live `brikk up` of this home. Fails with a `UserError` when there is none, or not yet. */
export function readStatus(home: string): Status {
  if (!findSupervisor(home)) throw new UserError(`Brikk is not running on ${home}: start it with "brikk up".`);
  const state = readState(home);
  if (!state?.ready) throw new UserError(`Brikk is still starting on ${home}.`);
  return state.status;
}

export function renderStatus({ home, api, workers, temporal, postgres, agents }: Status): string {
  const process = (pid: number | null) => (pid === null ? 'not ours' : `pid ${pid}`);
  const database = new URL(postgres.url);
  return [
    `  API         ${api.url} (${process(api.pid)})`,
    ...workers.map(({ pid, queues }) => `  Worker      ${queues.join(', ')} (${process(pid)})`),
    `  Temporal    ${temporal.address}, server ${temporal.version} from ${temporal.source} (${process(temporal.pid)})`,
    `  Web UI      ${temporal.uiUrl ?? 'none'}`,
    `  Postgres    ${database.host}${database.pathname} (${process(postgres.pid)})`,
    ...agents.map(({ name, pid }) => `  Agent       ${name} (${process(pid)})`),
    `  Data        ${home}`,
  ].join('\n');
}
