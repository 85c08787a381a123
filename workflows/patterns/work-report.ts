import type { Json } from '../../contracts/json.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { isUsable } from '../lib/pattern-result.js';
import type { ItemResult, ItemsEnd } from './run-items.js';

const SHOWN = 100;

/**
 * The least time that so much work takes with so many workers (R. L. Graham, 1969): never less than an even share, nor
 * than the longest chain of items that must follow one another.
 */
export function idealMakespanMs(busyMs: number[], chainsMs: number[], workers: number): number {
  const total = busyMs.reduce((sum, ms) => sum + ms, 0);
  return busyMs.reduce((most, ms) => Math.max(most, ms), Math.max(total / Math.max(1, workers), 0, ...chainsMs));
}

/** What became of the items, as a decision: history, re-assignments, dead letters, utilisation, makespan. */
export function reportWork(
  ctx: PatternContext,
  { items, results, refused, mostAtOnce, makespanMs, copies }: ItemsEnd,
): void {
  const ended = [...results.values()].sort((one, other) => one.branch.index - other.branch.index);
  const dead = ended.filter(isDead);
  const chains = new Map<string, number>();
  for (const { branch, elapsedMs } of ended)
    if (branch.partition !== undefined) chains.set(branch.partition, (chains.get(branch.partition) ?? 0) + elapsedMs);
  const busy = ended.map(({ elapsedMs }) => elapsedMs);
  const idealMs = idealMakespanMs(busy, [...chains.values()], mostAtOnce);
  // The clock of a workflow stands still within a step: it may show less than the agents took.
  const tookMs = Math.max(makespanMs, idealMs);
  const totalMs = busy.reduce((sum, ms) => sum + ms, 0);
  ctx.decide({
    what: 'work',
    rule: `${items.length} items, at most ${mostAtOnce} at once`,
    scores: {
      total: items.length,
      completed: ended.length - dead.length,
      reassigned: ended.reduce((sum, { attempts }) => sum + attempts - 1, 0),
      deadLetters: dead.slice(0, SHOWN).map(({ branch: { name } }) => name),
      deadLetterCount: dead.length,
      refusedTasks: refused,
      ...(copies && { copies: copies.made, copiesWon: copies.won }),
      utilisation: tookMs === 0 ? 1 : totalMs / (tookMs * Math.max(1, mostAtOnce)),
      makespanMs: tookMs,
      idealMakespanMs: idealMs,
      items: remarkableFirst(ended).slice(0, SHOWN).map(historyOf),
    },
    chosen: dead.length === 0 ? 'all done' : `${dead.length} dead letters`,
  });
}

export const isDead = ({ result }: ItemResult): boolean => !isUsable(result);

function historyOf({ branch, result, attempts, elapsedMs, member, isCopy }: ItemResult): Json {
  const history = {
    item: branch.name,
    status: result.status,
    attempts,
    ms: elapsedMs,
    ...(isCopy && { isCopy }),
    ...(member === undefined ? {} : { member }),
  };
  return result.error ? { ...history, error: result.error.message } : history;
}

/** Those that failed or were given out again are shown before those that went well at once. */
const remarkableFirst = (ended: ItemResult[]): ItemResult[] => [
  ...ended.filter((item) => item.attempts > 1 || item.isCopy || isDead(item)),
  ...ended.filter((item) => item.attempts === 1 && !item.isCopy && !isDead(item)),
];
