import type { Command } from 'commander';
import type { BulkCounts, ItemStatus } from '../../../contracts/runs.js';
import type { BrikkClient, StartBulkInput } from '../../../sdk/client.js';
import { itemDetail, itemsTable, summaryTable } from './bulk-output.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { itemsLine } from '../../../contracts/story/items-line.js';

type Options = ConnectOptions & { output?: 'json' | 'table' };
const SHOWN_FAILURES = 10;

/** Starts a bulk run and waits for its items. Exit code 0 when all of them completed. */
export async function startBulk(
  client: BrikkClient,
  body: StartBulkInput,
  { output, detach }: Options & { detach?: boolean },
): Promise<void> {
  const accepted = await client.runs.bulk(body);
  const json = output === 'json';
  const { id, bulk } = accepted;
  if (detach) {
    const text = `Run ${id} accepted with ${bulk.total} items. See them with: brikk runs items ${id}`;
    console.log(json ? JSON.stringify(accepted, null, 2) : text);
    return;
  }
  if (!json) console.log(`Run ${id} accepted with ${bulk.total} items. It goes on when this command is stopped.`);
  const progress = progressLine(bulk.total);
  for await (const event of client.runs.events(id))
    if (event.type === 'bulk.progress') progress.show(event.data.counts);
  progress.end();
  const run = await client.runs.get(id);
  if (run.status !== 'completed') process.exitCode = 1;
  if (json) return console.log(JSON.stringify(run, null, 2));
  const { items: failed } = await client.runs.items(id, { status: 'failed', limit: SHOWN_FAILURES });
  console.log(summaryTable(run, failed));
}

/** One line that is written over, on a terminal; elsewhere a line for each tenth. On stderr, beside the result. */
function progressLine(total: number) {
  const { stderr } = process;
  let tenths = 0;
  return {
    show(counts: BulkCounts): void {
      const done = Math.floor(((counts.total - counts.accepted - counts.running) * 10) / Math.max(1, total));
      if (stderr.isTTY) stderr.write(`\r\u001B[K${itemsLine(counts)}`);
      else if (done > tenths) stderr.write(`${itemsLine(counts)}\n`);
      tenths = Math.max(tenths, done);
    },
    end(): void {
      if (stderr.isTTY) stderr.write('\n');
    },
  };
}

interface ItemsOptions extends Options {
  status?: ItemStatus;
  limit?: number;
  cursor?: string;
}

/** `brikk runs items|item`. */
export function registerItemCommands(runs: Command, wholeNumber: (text: string) => number): void {
  const list = runs
    .command('items <id>')
    .description('items of a bulk run')
    .option('--status <status>')
    .option('--limit <n>', 'how many, 1 to 200', wholeNumber)
    .option('--cursor <cursor>');
  withOutput(withApi(list)).action((id: string, { output, apiUrl, apiKey, ...filters }: ItemsOptions) =>
    reporting(async () => {
      const page = await connect({ apiUrl, apiKey }).runs.items(id, filters);
      console.log(output === 'json' ? JSON.stringify(page, null, 2) : itemsTable(page));
    }),
  );
  const one = runs.command('item <id> <index>').description('one item: input, output, calls');
  withOutput(withApi(one)).action((id: string, index: string, { output, ...options }: Options) =>
    reporting(async () => {
      const item = await connect(options).runs.item(id, wholeNumber(index));
      console.log(output === 'json' ? JSON.stringify(item, null, 2) : itemDetail(item));
    }),
  );
}
