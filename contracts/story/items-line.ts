import { numberOf, type Loose } from './loose.js';

const NOT_NAMED = ['total', 'accepted'];

/** How far the items of a bulk run are, by its counts: `1200 of 2000 items: 30 running, 1190 completed, 10 failed`. */
export function itemsLine(counts: Loose): string {
  const total = numberOf(counts.total) ?? 0;
  const parts = Object.entries(counts).flatMap(([status, items]) =>
    NOT_NAMED.includes(status) || !numberOf(items) ? [] : [`${numberOf(items)} ${status}`],
  );
  const ended = `${total - itemsLeft(counts)} of ${total} items`;
  return parts.length === 0 ? ended : `${ended}: ${parts.join(', ')}`;
}

/** Items that have not ended. */
export const itemsLeft = ({ accepted, running }: Loose): number => (numberOf(accepted) ?? 0) + (numberOf(running) ?? 0);
