import type { Command } from 'commander';
import type { WebhookAttempt, WebhookDelivery, WebhookStatus } from '../../../contracts/webhook-deliveries.js';
import type { BrikkClient, ReplayDeliveriesInput } from '../../../sdk/client.js';
import { UserError } from '../user-error.js';
import { withApi, withOutput } from './connect.js';
import { type ResourceOptions as Options, wholeNumber, work } from './resource-options.js';
import { ago, table } from './table.js';
import { endpointNamed } from './webhook-endpoints.js';

type Filter = ReplayDeliveriesInput['filter'];
interface ListOptions extends Options {
  endpoint?: string;
  status?: WebhookStatus;
  type?: string;
  limit: number;
}
interface ReplayOptions extends Options, Omit<Filter, 'endpoint'> {
  endpoint?: string;
  dryRun?: boolean;
}

/** `brikk webhooks deliveries …`: what goes out to endpoints. */
export function registerDeliveryCommands(webhooks: Command): void {
  const deliveries = webhooks.command('deliveries').description('what goes out to endpoints, and how each went');
  const command = (words: string, says: string) => withOutput(withApi(deliveries.command(words).description(says)));

  command('list', 'the newest first')
    .option('--endpoint <endpoint>', 'only to this endpoint')
    .option('--status <status>', 'pending, sending, retrying, delivered, dead, cancelled or skipped')
    .option('--type <type>', 'only of this type')
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .action(({ endpoint, status, type, limit, ...options }: ListOptions) =>
      work(options, async (client) => {
        const page = await client.webhooks.deliveries.list({ ...(await idOf(client, endpoint)), status, type, limit });
        return { value: page, text: deliveriesTable(page.items) };
      }),
    );
  command('get <delivery>', 'one with its attempts').action((id: string, options: Options) =>
    work(options, async (client) => {
      const delivery = await client.webhooks.deliveries.get(id);
      const { items } = await client.webhooks.deliveries.attempts(id, { limit: 200 });
      const text = `${deliveriesTable([delivery])}\n\n${attemptsTable(items)}`;
      return { value: { ...delivery, log: items }, text };
    }),
  );
  command('retry <delivery>', 'the next attempt is now').action((id: string, options: Options) =>
    work(options, async (client) => told(await client.webhooks.deliveries.retry(id), 'is sent now')),
  );
  command('cancel <delivery>', 'no more attempts').action((id: string, options: Options) =>
    work(options, async (client) => told(await client.webhooks.deliveries.cancel(id), 'is cancelled')),
  );
  command('replay [delivery]', 'send once more what is over: one, or all that the options say')
    .option('--endpoint <endpoint>', 'only to this endpoint')
    .option('--status <status>', 'dead, cancelled, skipped or delivered')
    .option('--type <type>', 'only of this type')
    .option('--since <time>', 'accepted since then, a time of RFC 3339')
    .option('--until <time>', 'accepted before then')
    .option('--dry-run', 'only count')
    .action((id: string | undefined, { endpoint, status, type, since, until, dryRun, ...options }: ReplayOptions) =>
      work(options, async (client) => {
        if (id !== undefined && dryRun)
          throw new UserError('--dry-run counts many; a single delivery is sent again or not.');
        if (id !== undefined) return told(await client.webhooks.deliveries.replay(id), 'is sent again');
        if (status === undefined)
          throw new UserError('Name a delivery, or say which: --status dead, cancelled, skipped or delivered.');
        const filter = { ...(await idOf(client, endpoint)), status, type, since, until };
        const replayed = await client.webhooks.deliveries.replayMany({ filter, dryRun });
        return { value: replayed, text: `${dryRun ? 'Would be sent again' : 'Sent again'}: ${replayed.replayed}` };
      }),
    );
}

const idOf = async (client: BrikkClient, endpoint: string | undefined): Promise<{ endpoint?: string }> =>
  endpoint === undefined ? {} : { endpoint: (await endpointNamed(client, endpoint)).id };

const told = (delivery: WebhookDelivery, what: string) => ({ value: delivery, text: `${delivery.id} ${what}.` });

export function deliveriesTable(items: WebhookDelivery[]): string {
  if (items.length === 0) return 'Nothing goes out. Try `brikk webhooks endpoints test <endpoint>`.';
  return table(
    ['ID', 'ENDPOINT', 'TYPE', 'STATUS', 'ATTEMPTS', 'NEXT', 'ACCEPTED'],
    items.map(({ id, endpoint, type, status, reason, attempts, dueAt, createdAt }) => [
      id,
      endpoint,
      type,
      reason === null ? status : `${status} (${reason})`,
      String(attempts),
      status === 'retrying' ? (dueAt ?? '') : '',
      ago(createdAt),
    ]),
  );
}

function attemptsTable(items: WebhookAttempt[]): string {
  if (items.length === 0) return 'No attempt was made yet.';
  return table(
    ['N', 'BEGUN', 'TOOK', 'OUTCOME', 'URL', 'ANSWER'],
    items.map(({ n, startedAt, latencyMs, outcome, statusCode, url, response }) => [
      String(n),
      startedAt,
      `${latencyMs} ms`,
      statusCode === null ? outcome : `${outcome} ${statusCode}`,
      url,
      (response ?? '').split('\n', 1)[0]!.slice(0, 60),
    ]),
  );
}
