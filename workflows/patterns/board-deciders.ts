import type { Decider } from '../../contracts/blackboard.js';
import type { Json } from '../../contracts/json.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import type { CallSpec, PatternContext } from '../lib/pattern-context.js';
import { inline, plain } from '../lib/values.js';
import { type Board, describeEntry, type Entry, type Write } from './board.js';
import { isObject } from './board-writes.js';
import type { SourceState } from './board-agenda.js';
import { isMemory, isNested } from './run-task.js';

/** Where questions are asked from: the run's place, the board as it is, the cycle. */
export interface Asking {
  ctx: PatternContext;
  board: Board;
  input: Value;
  cycle: number;
}

/**
 * What each source says it would add, as `{value}` of a decision; kept while the board stays as it is. A source that
 * fails or answers anything else has no value.
 */
export async function askValues(asking: Asking, states: readonly SourceState[]): Promise<void> {
  const { board, cycle, ctx } = asking;
  const open = states.filter(({ valued }) => valued?.revision !== board.revision);
  const calls = await ctx.callAgents(
    open.map(({ source, name }) => {
      if (isNested(source) || isMemory(source)) throw new Error('only an agent can say what it would add');
      return { ...question(asking, source, 'value', { source: inline(name) }), key: `value/${cycle}/${name}` };
    }),
  );
  for (const [position, state] of open.entries()) {
    const decision = decisionOf(calls[position]);
    const value = isObject(decision) ? decision.value : decision;
    const valid = typeof value === 'number' && Number.isFinite(value);
    state.valued = { revision: board.revision, value: valid ? value : null };
  }
}

/**
 * The sources an agent wants to act, in its order: `{activate: [names]}`. Undefined when it gave no valid answer; names
 * that are not among `states` are left out.
 */
export async function askNext(
  asking: Asking,
  decider: Decider,
  states: readonly SourceState[],
): Promise<SourceState[] | undefined> {
  const eligible = states.map(({ name, activations, source: { priority, cost } }) => ({
    name,
    activations,
    priority,
    cost,
  }));
  const asked = question(asking, decider, 'next', { eligible: inline(eligible) });
  const decision = decisionOf(await asking.ctx.callAgent({ ...asked, key: `control/${asking.cycle}` }));
  const names = isObject(decision) ? decision.activate : undefined;
  if (!Array.isArray(names)) return undefined;
  return [...new Set(names)].flatMap((name) => states.find((state) => state.name === name) ?? []);
}

/** Which value stands after a conflict: `{keep: 'standing' | 'proposed'}` or `{value}`; what stands when it is neither. */
export async function askConflict(
  asking: Asking,
  decider: Decider,
  { key, standing, write, author }: { key: string; standing: Entry; write: Write; author: string },
): Promise<Value | 'standing' | 'proposed'> {
  const proposed = { object: { value: write.value, author: inline(author), confidence: inline(write.confidence) } };
  const asked = question(asking, decider, 'conflict', { standing: describeEntry(standing), proposed });
  const call = await asking.ctx.callAgent({ ...asked, key });
  if (call.status !== 'completed' || !call.output) return 'standing';
  const picked = await asking.ctx.transform(
    'if type != "object" then null elif has("value") then [.value] else .keep end',
    call.output,
  );
  if (plain(picked) === 'proposed') return 'proposed';
  const first = await asking.ctx.transform('if type == "array" then .[0] else null end', picked);
  return plain(first) === null ? 'standing' : first;
}

/** Entries that the cleaner says may go: `{remove: [ids]}`. */
export async function askCleaner(asking: Asking, decider: Decider): Promise<Entry[]> {
  const asked = question(asking, decider, 'clean', {});
  const decision = decisionOf(await asking.ctx.callAgent({ ...asked, key: `cleaner/${asking.cycle}` }));
  const ids = isObject(decision) && Array.isArray(decision.remove) ? decision.remove : [];
  return asking.board.entries.filter(({ id }) => ids.includes(id));
}

function question({ board, input, cycle }: Asking, task: Decider, about: string, more: Record<string, Value>) {
  const { capability, agent, labels, version, select, timeout, retry, idempotent } = task;
  return {
    task: { capability, agent, labels, version, select, timeout, retry, idempotent, kind: 'decide' as const },
    input: { object: { question: inline(about), input, board: board.view(), entries: board.list(), ...more } },
    role: about,
    round: cycle,
  } satisfies Omit<CallSpec, 'key'>;
}

function decisionOf(call: CallResult | undefined): Json | undefined {
  return call?.status === 'completed' && call.output ? plain(call.output) : undefined;
}
