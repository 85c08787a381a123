import type { Command } from 'commander';
import type { Offer } from '../../../contracts/offers.js';
import { dollars, durationMs, type ResourceOptions, wholeNumber, work } from './resource-options.js';
import { table } from './table.js';

type Terms = ResourceOptions & { amount?: number; ttl?: number; price?: number; note?: string; valid?: number };

/** `brikk resources offer …`: what those who hold a resource and those who wait for it propose to each other. */
export function registerOfferCommands(command: (usage: string, description: string) => Command): void {
  const withTerms = (usage: string, description: string) =>
    command(usage, description)
      .option('--amount <n>', 'units that change hands', wholeNumber)
      .option('--ttl <duration>', 'how long they are held, such as PT10M', durationMs)
      .option('--price <usd>', 'what the taker owes the giver', dollars)
      .option('--note <text>', 'for the other side')
      .option('--valid <duration>', 'how long the other side may think; PT1M unless said', durationMs);

  withTerms('offer <name> <lease> <request>', 'offer units of a lease to a request that waits, or ask for some').action(
    (name: string, leaseId: string, requestId: string, options: Terms) =>
      show(options, (client) => client.offer(name, { leaseId, requestId, ...termsOf(options) })),
  );
  command('offers <name>', 'what was offered, the newest first').action((name: string, options: ResourceOptions) =>
    work(options, async (client) => {
      const page = await client.resources.offers(name, { limit: 200 });
      return { value: page, text: offersTable(page.items) };
    }),
  );
  command('accept <name> <offer>', 'accept an offer: the units change hands').action(
    (name: string, id: string, options: ResourceOptions) => show(options, (client) => client.accept(name, id)),
  );
  withTerms('counter <name> <offer>', 'propose other terms').action((name: string, id: string, options: Terms) =>
    show(options, (client) => client.counter(name, id, termsOf(options))),
  );
  command('reject <name> <offer>', 'reject an offer, or withdraw it').action(
    (name: string, id: string, options: ResourceOptions) => show(options, (client) => client.reject(name, id)),
  );
}

type Resources = Parameters<Parameters<typeof work>[1]>[0]['resources'];

const show = (options: ResourceOptions, doWork: (client: Resources) => Promise<Offer>): Promise<void> =>
  work(options, async ({ resources }) => {
    const offer = await doWork(resources);
    return { value: offer, text: offersTable([offer]) };
  });

const termsOf = ({ amount, ttl: ttlMs, price: priceUsd, note, valid: validForMs }: Terms) => ({
  amount,
  ttlMs,
  priceUsd,
  note,
  validForMs,
});

export function offersTable(items: Offer[]): string {
  if (items.length === 0) return 'There are no offers. Make one with `brikk resources offer <name> <lease> <request>`.';
  const rows = items.map(({ id, state, turn, terms, leaseId, requestId, expiresAt }) => {
    const { amount, priceUsd } = terms.at(-1) ?? { amount: 0 };
    const price = priceUsd === undefined ? '' : `${priceUsd} USD`;
    return [id, state, turn ?? '', String(amount), price, String(terms.length), leaseId, requestId, expiresAt];
  });
  return table(['OFFER', 'STATE', 'TURN', 'AMOUNT', 'PRICE', 'PROPOSALS', 'LEASE', 'REQUEST', 'UNTIL'], rows);
}
