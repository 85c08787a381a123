import { type Command, Option } from 'commander';
import type { FailedCall } from '../../../contracts/failed-calls.js';
import type { Page } from '../../../contracts/lists.js';
import type { Rerun } from '../../../contracts/rerun.js';
import { type ConnectOptions, withApi, withOutput } from './connect.js';
import { wholeNumber, work } from './resource-options.js';
import { ago, table } from './table.js';

type Options = ConnectOptions & { output?: 'json' | 'table' };
interface ListOptions extends Options {
  capability?: string;
  agent?: string;
  pattern?: string;
  run?: string;
  since?: string;
  limit?: number;
  cursor?: string;
}
type RerunOptions = Options & Pick<Rerun, 'fromStep' | 'calls' | 'items' | 'reason'>;

/** `brikk runs failed-calls` and `brikk runs rerun`. */
export function registerFailedCallCommands(runs: Command): void {
  const list = runs
    .command('failed-calls')
    .description('calls that failed for good, over all runs, the newest first')
    .option('--capability <name>', 'what was asked for')
    .option('--agent <agent>', 'name or id of who was asked last')
    .option('--pattern <pattern>', 'of the run')
    .option('--run <id>')
    .option('--since <time>', 'failed then or later, such as 2026-11-23T08:00:00Z')
    .option('--limit <n>', 'how many, 1 to 200', wholeNumber)
    .option('--cursor <cursor>');
  withOutput(withApi(list)).action(({ output, apiUrl, apiKey, ...filters }: ListOptions) =>
    work({ output, apiUrl, apiKey }, async (client) => {
      const page = await client.runs.failedCalls(filters);
      return { value: page, text: failedCallsTable(page) };
    }),
  );
  const rerun = runs
    .command('rerun <id>')
    .description('run again, as a new run')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--from-step <step>', 'what was before it keeps its results')
    .addOption(new Option('--calls <which>', 'make those again that failed').choices(['failed']))
    .addOption(new Option('--items <which>', 'of a bulk run').choices(['all', 'failed']));
  withOutput(withApi(rerun)).action((id: string, { output, apiUrl, apiKey, ...body }: RerunOptions) =>
    work({ output, apiUrl, apiKey }, async (client) => {
      const accepted = await client.runs.rerun(id, body);
      const text = `Run ${accepted.id} accepted. Follow it with: brikk runs trace ${accepted.id}`;
      return { value: accepted, text };
    }),
  );
}

/** Each failed call, and what makes those of a run again. */
export function failedCallsTable({ items, nextCursor }: Page<FailedCall>): string {
  if (items.length === 0) return 'No call has failed for good.';
  const rows = items.map((call) => [
    call.runId,
    call.pattern,
    call.path,
    call.capability ?? '–',
    call.agent ?? '–',
    String(call.attempts),
    call.error.code,
    ago(call.failedAt),
  ]);
  const more = nextCursor ? `\n\nMore with --cursor ${nextCursor}` : '';
  const replays = [...new Set(items.flatMap((call) => replayOf(call) ?? []))];
  const again = replays.length === 0 ? '' : `\n\nAgain with:\n${replays.map((line) => `  ${line}`).join('\n')}`;
  return table(['RUN', 'PATTERN', 'PATH', 'CAPABILITY', 'AGENT', 'TRIES', 'ERROR', 'FAILED'], rows) + more + again;
}

function replayOf({ runId, replay }: FailedCall): string | undefined {
  if (!replay) return undefined;
  const which = 'calls' in replay.body ? '--calls failed' : '--items failed';
  return `brikk runs rerun ${runId} ${which} --reason "…"`;
}
