import { type Command, InvalidArgumentError } from 'commander';
import { isTerminal, type Run, type RunStatus } from '../../../contracts/runs.js';
import { reduceStory, emptyStory, tellRun } from '../../../contracts/story/story.js';
import type { BrikkClient } from '../../../sdk/client.js';
import { allEvents } from '../all-events.js';
import { connect, type ConnectOptions, reporting, withApi, withOutput } from './connect.js';
import { eventLine } from './event-line.js';
import { registerItemCommands, startBulk } from './bulk.js';
import { registerFailedCallCommands } from './failed-calls.js';
import { isBulk, runBody, type RunOptions } from './run-body.js';
import { runDetail, runsTable } from './run-output.js';
import { liveLine, storyText } from './story-output.js';

type Options = ConnectOptions & { output?: 'json' | 'table' };
type StartOptions = Options & RunOptions & { follow?: boolean; detach?: boolean };
interface ListOptions extends Options {
  status?: RunStatus;
  pattern?: string;
  parent?: string;
  agent?: string;
  label?: string;
  limit?: number;
  cursor?: string;
}
interface FeedbackOptions {
  score: number;
  call?: string;
  comment?: string;
}

/** `brikk run` and `brikk runs …`. */
export function registerRunCommands(program: Command): void {
  const start = program
    .command('run <pattern|file>')
    .description(
      'start a run: a pattern with --with, a workflow (namespace/name:version), or a JSON or YAML file with a workflow definition or {pattern, with, input}',
    )
    .option('--with <json|@file>', 'parameters of the pattern')
    .option('--input <json|@file>', 'the data it works on')
    .option('--inputs <json|@file>', 'many inputs, one item each: a list, or a .jsonl file with one a line')
    .option('--max-concurrency <n>', 'items under way at once, 1 to 1000', wholeNumber)
    .option('--detach', 'with --inputs: do not wait for the items')
    .option('--budget <json|@file>', 'what the run may use, such as {"costUsd":0.5}')
    .option('--label <key=value>', 'label, repeatable', (value, all: string[] | undefined) => [...(all ?? []), value])
    .option('--follow', 'print what happens until the run has ended');
  withOutput(withApi(start)).action((patternOrFile: string, options: StartOptions) =>
    reporting(() => startRun(patternOrFile, options)),
  );

  const runs = program.command('runs').description('list, read and steer runs');
  const list = runs
    .command('list')
    .description('the latest runs first')
    .option('--status <status>')
    .option('--pattern <pattern>')
    .option('--parent <id>', 'shards of a bulk run, reruns of a run')
    .option('--agent <agent>')
    .option('--label <key=value>')
    .option('--limit <n>', 'how many, 1 to 200', wholeNumber)
    .option('--cursor <cursor>');
  withOutput(withApi(list)).action(({ output, apiUrl, apiKey, ...filters }: ListOptions) =>
    reporting(async () => {
      const page = await connect({ apiUrl, apiKey }).runs.list(filters);
      show(output, page, () => runsTable(page));
    }),
  );

  const read = (
    name: string,
    description: string,
    action: (client: BrikkClient, id: string, options: Options) => Promise<void>,
  ) =>
    withOutput(withApi(runs.command(`${name} <id>`).description(description))).action((id: string, options: Options) =>
      reporting(() => action(connect(options), id, options)),
    );
  read('get', 'status and output of a run', async (client, id, { output }) => {
    const run = await client.runs.get(id);
    show(output, run, () => runDetail(run));
  });
  read('trace', 'every event of a run, one a line', async (client, id, { output }) => {
    const events = await allEvents(client, id);
    show(output, events, () => events.map(eventLine).join('\n'));
  });
  const story = runs
    .command('story <id>')
    .description('what happened in a run and why, in plain words')
    .option('--follow', 'print it while it happens, until the run has ended');
  withOutput(withApi(story)).action((id: string, options: Options & { follow?: boolean }) =>
    reporting(() => tellStory(connect(options), id, options)),
  );
  withOutput(
    withApi(
      runs
        .command('feedback <id>')
        .description('say how good a run was, or one of its calls')
        .requiredOption('--score <0..1>', '0 useless, 1 as good as can be', decimal)
        .option('--call <key>', 'key of the call; the whole run unless said')
        .option('--comment <text>'),
    ),
  ).action((id: string, { output, call: callKey, score, comment, ...options }: Options & FeedbackOptions) =>
    reporting(async () => {
      const given = await connect(options).runs.feedback(id, { score, callKey, comment });
      show(output, given, () => `Run ${id}${callKey ? `, call ${callKey},` : ''} was rated ${given.score}.`);
    }),
  );
  registerItemCommands(runs, wholeNumber);
  registerFailedCallCommands(runs);
  for (const verb of ['cancel', 'pause', 'resume'] as const)
    read(verb, `${verb} a run`, async (client, id, { output }) => {
      await client.runs[verb](id);
      show(output, { id, requested: verb }, () => `${verb} requested for run ${id}`);
    });
}

async function startRun(patternOrFile: string, options: StartOptions): Promise<void> {
  const client = connect(options);
  const body = runBody(patternOrFile, options);
  if (isBulk(body)) return startBulk(client, body, options);
  const accepted = await client.runs.start(body);
  const json = options.output === 'json';
  if (!options.follow) {
    show(
      options.output,
      accepted,
      () => `Run ${accepted.id} accepted. Follow it with: brikk runs trace ${accepted.id}`,
    );
    return;
  }
  if (!json) console.log(`Run ${accepted.id} accepted.`);
  for await (const event of client.runs.events(accepted.id))
    console.log(json ? JSON.stringify(event) : eventLine(event));
  const run = await client.runs.get(accepted.id);
  console.log(json ? JSON.stringify(run) : `\n${runDetail(run)}`);
  if (endedBadly(run)) process.exitCode = 1;
}

async function tellStory(client: BrikkClient, id: string, { output, follow }: Options & { follow?: boolean }) {
  if (!follow) {
    const { lines } = tellRun(await allEvents(client, id));
    show(output, { id, lines }, () => storyText(lines, process.stdout.columns));
    return;
  }
  let told = emptyStory;
  for await (const event of client.runs.events(id)) {
    const { length } = told.lines;
    told = reduceStory(told, event);
    for (const line of told.lines.slice(length)) console.log(output === 'json' ? JSON.stringify(line) : liveLine(line));
  }
}

function show(output: Options['output'], value: unknown, text: () => string): void {
  console.log(output === 'json' ? JSON.stringify(value, null, 2) : text());
}

function decimal(text: string): number {
  if (/^\d*\.?\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

const endedBadly = ({ status }: Run) => isTerminal(status) && status !== 'completed' && status !== 'partial';
