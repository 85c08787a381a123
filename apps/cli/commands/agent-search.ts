import type { Command } from 'commander';
import type { FoundAgents } from '../../../contracts/agent-search.js';
import type { Json, SchemaDocument } from '../../../contracts/json.js';
import { UserError } from '../user-error.js';
import { type ConnectOptions, withApi, withOutput } from './connect.js';
import { jsonArgument } from './json-argument.js';
import { wholeNumber, work } from './resource-options.js';
import { table } from './table.js';

interface Wish extends ConnectOptions {
  output?: 'json' | 'table';
  tag?: string[];
  label?: string[];
  range?: string;
  accepts?: string;
  inputSchema?: string;
  outputSchema?: string;
  limit?: number;
}

/** `brikk agents search`. */
export function registerAgentSearch(agents: Command): void {
  withOutput(withApi(agents.command('search [capability]').description('live instances, the best first')))
    .option('--tag <tag...>', 'the capability has all of them')
    .option('--label <key=value...>', 'the agent has all of them')
    .option('--range <range>', "of the agent's version, such as ^1.2.0")
    .option('--accepts <json>', 'an input that the capability takes, JSON or @file')
    .option('--input-schema <schema>', 'whatever fits this JSON Schema, the capability takes; JSON or @file')
    .option('--output-schema <schema>', 'whatever it answers fits this JSON Schema; JSON or @file')
    .option('--limit <n>', 'at most so many', wholeNumber)
    .action((capability: string | undefined, wish: Wish) =>
      work(wish, async (client) => {
        const { tag, label, range, accepts, inputSchema, outputSchema, limit } = wish;
        const found = await client.agents.search({
          ...(capability !== undefined && { capability }),
          ...(tag && { tags: tag }),
          ...(label && { labels: Object.fromEntries(label.map(labelOf)) }),
          ...(range !== undefined && { versionRange: range }),
          ...(accepts !== undefined && { accepts: jsonArgument('--accepts', accepts) as Json }),
          ...(inputSchema !== undefined && { inputSchema: schemaOf('--input-schema', inputSchema) }),
          ...(outputSchema !== undefined && { outputSchema: schemaOf('--output-schema', outputSchema) }),
          ...(limit !== undefined && { limit }),
        });
        return { value: found, text: foundAgents(found) };
      }),
    );
}

const schemaOf = (option: string, text: string) => jsonArgument(option, text) as SchemaDocument;

function labelOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UserError(`--label ${text} must be key=value.`);
}

/** Who was found; where contracts were in the way, whose and why. */
export function foundAgents({ items, unfit }: FoundAgents): string {
  const rows = items.map(({ agent, version, capability, contract, endpoint, reason }) => {
    const offered = contract === 'undeclared' ? `${capability} (takes anything)` : capability;
    return [agent, version, offered, endpoint, reason];
  });
  const who =
    items.length === 0 ? 'No live agent.' : table(['AGENT', 'VERSION', 'CAPABILITY', 'INSTANCE', 'WHY'], rows);
  if (unfit.length === 0) return who;
  const others = unfit.map(({ agent, version, capability, why }) => [agent, version, capability, why.join('; ')]);
  return `${who}\n\n${table(['UNFIT', 'VERSION', 'CAPABILITY', 'WHY'], others)}`;
}
