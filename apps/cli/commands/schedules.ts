import type { Command } from 'commander';
import type { Schedule } from '../../../contracts/schedules.js';
import { UserError } from '../user-error.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { table } from './table.js';

type Options = ConnectOptions & { output?: 'json' | 'table' };

/** `brikk schedules list|pause|resume|trigger`. */
export function registerScheduleCommands(program: Command): void {
  const schedules = program.command('schedules').description('workflows that begin by themselves');
  withOutput(withApi(schedules.command('list').description('each with when it is due'))).action((options: Options) =>
    reporting(async () => {
      const page = await connect(options).schedules.list({ limit: 200 });
      console.log(options.output === 'json' ? JSON.stringify(page, null, 2) : schedulesTable(page.items));
    }),
  );
  for (const what of ['pause', 'resume'] as const)
    withOutput(withApi(schedules.command(`${what} <workflow>`).description(`${what} it: namespace/name`))).action(
      (workflow: string, options: Options) =>
        reporting(async () => {
          const schedule = await connect(options).schedules[what](...nameOf(workflow));
          const next = schedule.nextDueAt === null ? '' : `, due ${schedule.nextDueAt}`;
          const text = `${workflow} is ${schedule.state}${next}.`;
          console.log(options.output === 'json' ? JSON.stringify(schedule, null, 2) : text);
        }),
    );
  withOutput(withApi(schedules.command('trigger <workflow>').description('start a run now: namespace/name'))).action(
    (workflow: string, options: Options) =>
      reporting(async () => {
        const run = await connect(options).schedules.trigger(...nameOf(workflow));
        console.log(options.output === 'json' ? JSON.stringify(run, null, 2) : `Run ${run.id} is accepted.`);
      }),
  );
}

/** Fails with a UserError for what is no `namespace/name`. */
export function nameOf(text: string): [namespace: string, name: string] {
  const [, namespace, name] = /^([A-Za-z0-9-]+)\/([A-Za-z0-9-]+)$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined)
    throw new UserError(`${text} names no workflow; write namespace/name.`);
  return [namespace, name];
}

function whenOf({ kind, cron, periodMs }: Pick<Schedule, 'kind' | 'cron' | 'periodMs'>): string {
  if (kind === 'on') return 'on events';
  return kind === 'cron' ? `cron ${cron}` : `${kind} ${(periodMs ?? 0) / 1_000} s`;
}

export function schedulesTable(items: Schedule[]): string {
  if (items.length === 0) return 'No workflow begins by itself. Publish one with schedule.every, cron, after or on.';
  return table(
    ['WORKFLOW', 'VERSION', 'WHEN', 'STATE', 'DUE', 'RUNS', 'SKIPPED', 'MISSED'],
    items.map(({ namespace, name, version, kind, cron, periodMs, state, nextDueAt, fires, skipped, missed }) => [
      `${namespace}/${name}`,
      version,
      whenOf({ kind, cron, periodMs }),
      state,
      nextDueAt ?? '',
      String(fires),
      String(skipped),
      String(missed),
    ]),
  );
}
