import { fromCall, type PatternResult } from '../lib/pattern-result.js';
import { inline } from '../lib/values.js';
import type { SourceState } from './board-agenda.js';
import type { Asking } from './board-deciders.js';
import type { Activation } from './board-log.js';
import { runMemoryTask } from './memory-task.js';
import { isMemory, isNested } from './run-task.js';

export type Answer = { result: PatternResult } | { thrown: unknown };
export type Arrival = Answer & { order: number; state: SourceState; activation: Activation; readRevision: number };

/** One activation of a source on the board as it is now. Never rejects: what nobody planned is handed to the session. */
export async function activate(asking: Asking, state: SourceState): Promise<Answer> {
  const { source, name, calls } = state;
  const { board, input, cycle } = asking;
  const place = asking.ctx.at('sources', name, calls);
  const view = board.view();
  const entries = board.list();
  try {
    const data = { object: { input, board: view, entries, source: inline(name) } };
    const given = source.input === undefined ? data : await place.input(source.input, view, { input, entries });
    if (isNested(source)) return { result: await place.runPattern(source, given) };
    if (isMemory(source))
      return { result: await runMemoryTask(place.withVariables({ input, entries }), source, given) };
    const call = await place.callAgent({ key: '', task: source, input: given, role: name, round: cycle });
    return { result: fromCall(call, place.where) };
  } catch (thrown) {
    return { thrown };
  }
}
