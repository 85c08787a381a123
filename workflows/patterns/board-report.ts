import type { BlackboardParams } from '../../contracts/blackboard.js';
import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import { define, inline } from '../lib/values.js';
import type { Board } from './board.js';
import type { Activation, Conflict } from './board-log.js';

/** Beyond it the events tell the rest. */
const SHOWN = 1_000;

interface Told {
  board: Board;
  log: { activations: Activation[]; conflicts: Conflict[] };
  names: string[];
}

/**
 * The output: values by section and key, entries with all that is known of them, the activation log with causes, credit
 * by source, conflicts, and the goal when it was not met.
 */
export function boardOutput({ board, log, names }: Told, unmetGoal: BlackboardParams['until']): Value {
  return {
    object: {
      board: board.view(),
      entries: board.list(),
      activations: inline(log.activations.slice(0, SHOWN) as unknown as Json),
      conflicts: inline(log.conflicts.slice(0, SHOWN) as unknown as Json),
      credit: inline(creditOf({ board, log, names })),
      unmetGoal: inline((unmetGoal ?? null) as Json),
    },
  };
}

/** By source: how often it acted, what it wrote, and which share of the entries that sources wrote is its own at the end. */
export function creditOf({ board, log, names }: Told): Record<string, Json> {
  const credit: Record<string, Json> = {};
  const written = board.entries.filter(({ author }) => names.includes(author));
  for (const name of names) {
    const acted = log.activations.filter(({ source }) => source === name);
    const standing = written.filter(({ author }) => author === name).length;
    define(credit, name, {
      activations: acted.length,
      writes: acted.reduce((sum, { wrote }) => sum + wrote.length, 0),
      refused: acted.filter(({ status }) => status === 'refused').length,
      failed: acted.filter(({ status }) => status === 'failed').length,
      standing,
      supports: board.entries.filter(({ supportedBy }) => supportedBy.includes(name)).length,
      share: written.length === 0 ? 0 : standing / written.length,
    });
  }
  return credit;
}
