import type { Command } from 'commander';
import type { CreatedWebhookEndpoint, WebhookEndpoint } from '../../../contracts/webhook-endpoints.js';
import type { BrikkClient, ChangeWebhookEndpointInput, CreateWebhookEndpointInput } from '../../../sdk/client.js';
import { withApi, withOutput } from './connect.js';
import { findNamed } from './find-named.js';
import { jsonArgument } from './json-argument.js';
import { durationMs, type ResourceOptions as Options, work } from './resource-options.js';
import { table } from './table.js';

interface FileOptions extends Options {
  file: string;
}
interface RotateOptions extends Options {
  ed25519?: boolean;
  overlap?: string;
}

/** `brikk webhooks endpoints …`: where events go out to. */
export function registerEndpointCommands(webhooks: Command): void {
  const endpoints = webhooks.command('endpoints').description('where events go out to, signed');
  const command = (words: string, says: string) => withOutput(withApi(endpoints.command(words).description(says)));

  command('list', 'all of them, by name').action((options: Options) =>
    work(options, async (client) => {
      const page = await client.webhooks.endpoints.list({ limit: 200 });
      return { value: page, text: endpointsTable(page.items) };
    }),
  );
  command('get <endpoint>', 'one with its health').action((endpoint: string, options: Options) =>
    work(options, async (client) => shown(await endpointNamed(client, endpoint))),
  );
  command('create', 'an endpoint, as a file says; its secret is shown once')
    .requiredOption('--file <file>', 'JSON or YAML: name, urls, types, …')
    .action(({ file, ...options }: FileOptions) =>
      work(options, async (client) => {
        const made = await client.webhooks.endpoints.create(documentOf(file) as CreateWebhookEndpointInput);
        return { value: made, text: `${made.name} hears ${made.types.join(', ')}\n${secretLine(made)}` };
      }),
    );
  command('update <endpoint>', 'what a file says changes, null takes away')
    .requiredOption('--file <file>', 'JSON or YAML, or the JSON itself')
    .action((endpoint: string, { file, ...options }: FileOptions) =>
      work(options, async (client) => {
        const { id } = await endpointNamed(client, endpoint);
        return shown(await client.webhooks.endpoints.change(id, documentOf(file) as ChangeWebhookEndpointInput));
      }),
    );
  command('rotate <endpoint>', 'a new key; those before it sign beside it for a day')
    .option('--overlap <duration>', 'for so long instead, such as PT1H')
    .option('--ed25519', 'a key pair: receivers need the public key alone')
    .action((endpoint: string, { overlap, ed25519, ...options }: RotateOptions) =>
      work(options, async (client) => {
        const { id } = await endpointNamed(client, endpoint);
        const rotated = await client.webhooks.endpoints.rotateSecret(id, {
          ...(ed25519 && { kind: 'ed25519' as const }),
          ...(overlap !== undefined && { overlapMs: durationMs(overlap) }),
        });
        return { value: rotated, text: secretLine(rotated) };
      }),
    );
  command('test <endpoint>', 'send a sample, whatever its types and its filter say').action(
    (endpoint: string, options: Options) =>
      work(options, async (client) => {
        const { id, name } = await endpointNamed(client, endpoint);
        const delivery = await client.webhooks.endpoints.test(id);
        const text = `endpoint.test goes to ${name}: see brikk webhooks deliveries get ${delivery.id}`;
        return { value: delivery, text };
      }),
  );
  command('recover <endpoint>', 'send again what was never delivered')
    .requiredOption('--since <time>', 'a time of RFC 3339, at most 14 days ago')
    .action((endpoint: string, { since, ...options }: Options & { since: string }) =>
      work(options, async (client) => {
        const { id } = await endpointNamed(client, endpoint);
        const recovered = await client.webhooks.endpoints.recover(id, since);
        return { value: recovered, text: `Sent again: ${recovered.replayed}` };
      }),
    );
  command('delete <endpoint>', 'delete an endpoint with its deliveries').action((endpoint: string, options: Options) =>
    work(options, async (client) => {
      const { id } = await endpointNamed(client, endpoint);
      await client.webhooks.endpoints.delete(id);
      return { value: { deleted: id }, text: `${endpoint} is deleted.` };
    }),
  );
}

/** By name or id. */
export const endpointNamed = (client: BrikkClient, wanted: string): Promise<WebhookEndpoint> =>
  findNamed(client.webhooks.endpoints.list, wanted, {
    what: 'webhook endpoint',
    see: 'brikk webhooks endpoints list',
  });

const documentOf = (file: string): unknown => jsonArgument('--file', /^\s*[@{]/.test(file) ? file : `@${file}`);

const shown = (endpoint: WebhookEndpoint) => ({
  value: endpoint,
  text: `${endpointsTable([endpoint])}\n\n${urlsTable(endpoint)}`,
});

function secretLine({ name, secret, publicKeys }: CreatedWebhookEndpoint): string {
  const keys = publicKeys.map((key) => `\nVerify v1a by ${key}`).join('');
  return `The secret of ${name}, shown once: ${secret ?? '(none new, or shown before)'}${keys}`;
}

export function endpointsTable(items: WebhookEndpoint[]): string {
  if (items.length === 0)
    return 'There are no webhook endpoints. Create one with `brikk webhooks endpoints create --file endpoint.yaml`.';
  return table(
    ['NAME', 'STATE', 'BREAKER', 'TYPES', 'URLS', 'ID'],
    items.map(({ name, state, disabledReason, breaker, types, urls, id }) => [
      name,
      disabledReason === null ? state : `${state} (${disabledReason})`,
      breaker,
      types.join(' '),
      String(urls.length),
      id,
    ]),
  );
}

const urlsTable = ({ urls }: WebhookEndpoint): string =>
  table(
    ['URL', 'STATE', 'FAILURES'],
    urls.map(({ url, state, failures, ejectedUntil }) => [
      url,
      ejectedUntil === null ? state : `out until ${ejectedUntil}`,
      String(failures),
    ]),
  );
