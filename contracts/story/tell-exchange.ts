import { listOf, type Loose, namesOf, numberOf, recordOf, textOf } from './loose.js';
import { count, list, money } from './words.js';

/** How a market-maker matched items and offers: the price, who does what, and what was left over. */
export function tellClearing({ scores, chosen, candidates }: Loose): string {
  const { items, traded, trades, left, lossAtMostUsd } = recordOf(scores);
  const of = count(numberOf(items) ?? 0, 'item');
  const price = numberOf(chosen);
  if (price === undefined) return `none of ${of} traded: no offer meets a limit`;
  const shares = new Map<string, number>();
  for (const trade of listOf(trades).map(recordOf)) {
    const agent = textOf(trade.agent);
    shares.set(agent, (shares.get(agent) ?? 0) + 1);
  }
  const given = [...shares].map(([agent, share]) => `${share} to ${agent}`);
  const idle = namesOf(candidates).filter((agent) => !shares.has(agent)).length;
  const rest = namesOf(left).map((index) => `items/${index}`);
  const loss = numberOf(lossAtMostUsd) ?? 0;
  return [
    `${numberOf(traded) ?? 0} of ${of} traded at ${money(price)} a unit: ${list(given)}`,
    idle > 0 ? `${count(idle, 'offer')} not taken` : '',
    rest.length > 0 ? `left over: ${list(rest)}` : '',
    loss >= 0.005 ? `at most ${money(loss)} from the best match` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

export const tellNextBest = ({ scores, chosen }: Loose): string =>
  `items/${textOf(recordOf(scores).item)} goes to ${textOf(chosen)}, the next best offer`;

export function tellLeftOver({ rule, chosen }: Loose): string {
  const items = list(namesOf(chosen).map((index) => `items/${index}`));
  return `left over, ${rule === 'raiseReserve' ? 'their limits rise by half' : 'everyone is asked'}: ${items}`;
}
