import { A2A_TASK_PREFIX } from './a2a-states.js';
import type { Definition } from './definition.js';
import type { EventFilter, EventStrategy } from './definition-events.js';
import { LIFECYCLE_PREFIX } from './event-bus.js';

/** A subscription to every type but the lifecycle ones, and to all of those. */
export const EVERY_TYPE = '*';
export const EVERY_LIFECYCLE_TYPE = `${LIFECYCLE_PREFIX}*`;

/**
 * What listeners say to hear a type: the type itself, the beginnings of it (`order.*` for `order.paid`), and `*`. Lifecycle
 * events are many: only who names them hears them, and so it is with what is told of a task.
 */
export function subscribedAs(type: string): string[] {
  if (type.startsWith(A2A_TASK_PREFIX)) return [type];
  const steps = type.split('.');
  const beginnings = steps.slice(1).map((_, length) => `${steps.slice(0, length + 1).join('.')}.*`);
  if (!type.startsWith(LIFECYCLE_PREFIX)) return [type, ...beginnings, EVERY_TYPE];
  return [type, ...beginnings.filter((beginning) => beginning.startsWith(LIFECYCLE_PREFIX))];
}

/** A type that is text, not a regular expression or `${ }`; a point in it is taken for a point. */
const PLAIN = /^[A-Za-z0-9._:/-]+$/;

/** The types that a run of this definition subscribes to at its start, for all of its listen tasks. */
export function heardTypes({ do: tasks, use }: Definition): string[] {
  return distinct([...strategiesIn(tasks), ...strategiesIn(use?.functions)].flatMap(typesOf));
}

/** The types that a strategy may take. */
export const strategyTypes = (strategy: EventStrategy): string[] => distinct(typesOf(strategy));

function strategiesIn(part: unknown): EventStrategy[] {
  if (part === null || typeof part !== 'object') return [];
  const { listen } = part as { listen?: { to?: EventStrategy } };
  const own = listen?.to !== null && typeof listen?.to === 'object' ? [listen.to] : [];
  return [...own, ...Object.values(part).flatMap(strategiesIn)];
}

function typesOf(strategy: EventStrategy): string[] {
  if ('one' in strategy) return subscriptionsOf(strategy.one);
  if ('all' in strategy) return strategy.all.flatMap(subscriptionsOf);
  const { any, until } = strategy;
  const ends = until !== null && typeof until === 'object' ? typesOf(until) : [];
  return [...(any.length === 0 ? [EVERY_TYPE] : any.flatMap(subscriptionsOf)), ...ends];
}

function subscriptionsOf({ with: { type } }: EventFilter): string[] {
  if (type === undefined) return [EVERY_TYPE];
  if (PLAIN.test(type)) return [type];
  // Lifecycle events are many: only who names them hears them.
  return type.includes('serverlessworkflow') || type.includes('${') ? [EVERY_TYPE, EVERY_LIFECYCLE_TYPE] : [EVERY_TYPE];
}

const distinct = (types: string[]): string[] => [...new Set(types)].sort();
