import type { BlackboardParams } from '../../contracts/blackboard.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { placeOf, type Entry, type Write } from './board.js';
import { askConflict, type Asking } from './board-deciders.js';
import type { Activation, Actor, BoardLog, Conflict } from './board-log.js';

export interface Merge extends Asking {
  params: Pick<BlackboardParams, 'board' | 'conflict' | 'consistency'>;
  log: BoardLog;
}

/**
 * Brings the writes of one activation onto the board. Under `strong` all of them or none: the answer then names the
 * places that changed since `readRevision`. Otherwise each conflict is settled by its rule.
 */
export async function mergeWrites(
  merge: Merge,
  activation: Activation,
  writes: readonly Write[],
  { readRevision, allowed }: { readRevision: number; allowed?: readonly string[] },
): Promise<string[]> {
  const { board, log, params } = merge;
  const fitting: Write[] = [];
  for (const write of writes) {
    const reason = await refusal(merge, write, allowed);
    if (reason === undefined) fitting.push(write);
    else log.refuse(activation, write, reason);
  }
  // The same value is no conflict to merge, but it may have been computed from one that has gone: 1 from 0, twice.
  const late = fitting.filter((write) => board.hasChanged(write, readRevision, activation.id));
  if (params.consistency === 'strong' && late.length > 0) {
    for (const write of late) log.conflict(activation, write, board.find(write.section, write.key), 'refused');
    return late.map(placeOf);
  }
  const origin = { author: activation.source, causedBy: activation.id, now: Date.now() };
  for (const write of fitting) {
    if (!write.remove && board.isFull() && !board.find(write.section, write.key)) {
      log.refuse(activation, write, 'the board is full');
      continue;
    }
    const contrary = board.isContrary(write, readRevision, activation.id);
    const entry = contrary ? await settle(merge, activation, write) : board.apply(write, origin);
    if (entry) activation.wrote.push(`${entry.id}@${entry.version}`);
  }
  return [];
}

/** Why the write may not go onto the board at all. */
async function refusal({ ctx, params }: Merge, write: Write, allowed?: readonly string[]): Promise<string | undefined> {
  const { sections } = params.board;
  const section = sections.find(({ name }) => name === write.section);
  if (sections.length > 0 && !section) return 'the board has no such section';
  if (allowed && !allowed.includes(write.section)) return 'the source may not write this section';
  if (write.remove || section?.schema === undefined) return undefined;
  const errors = await ctx.validate(write.value, section.schema);
  return errors.length > 0 ? `breaks the schema: ${errors.slice(0, 3).join('; ')}` : undefined;
}

/** Settles a conflict; the entry that the write left behind, undefined when it was refused. */
export async function settle(merge: Merge, activation: Actor, write: Write): Promise<Entry | undefined> {
  const { board, log, ctx } = merge;
  const { conflict: rule } = merge.params;
  const origin = { author: activation.source, causedBy: activation.id, now: Date.now() };
  const standing = board.find(write.section, write.key);
  const note = (outcome: Conflict['outcome']) => {
    log.conflict(activation, write, standing, outcome);
    decide(ctx, merge, { activation, write, standing, outcome });
  };
  const refuse = () => {
    note('refused');
    return undefined;
  };
  const replace = () => {
    note('replaced');
    return board.apply(write, origin);
  };
  if (rule === 'lastWriter') return replace();
  // What was removed has no value to stand against: only the last writer brings it back.
  if (!standing || rule === 'reject' || (write.remove && rule === 'keepBoth')) return refuse();
  if (rule === 'highestConfidence') {
    return (write.confidence ?? 0) > (standing.confidence ?? 0) ? replace() : refuse();
  }
  if (rule === 'keepBoth') {
    note('kept_both');
    return board.applyBeside(write, origin);
  }
  const key = `conflict/${activation.id}/${log.conflicts.length + 1}`;
  const author = activation.source;
  const decided = await askConflict(merge, rule.decider, { key, standing, write, author });
  if (decided === 'standing') return refuse();
  if (decided === 'proposed') return replace();
  note('decided');
  return board.apply({ ...write, value: decided, remove: false }, origin);
}

interface Settled {
  activation: Actor;
  write: Write;
  standing: Entry | undefined;
  outcome: Conflict['outcome'];
}

function decide(ctx: PatternContext, { params }: Merge, { activation, write, standing, outcome }: Settled): void {
  const { conflict } = params;
  ctx.decide({
    what: 'conflict',
    rule: typeof conflict === 'string' ? conflict : 'agent',
    candidates: [standing?.author ?? null, activation.source],
    scores: { entry: placeOf(write), confidence: [standing?.confidence ?? null, write.confidence] },
    chosen: outcome,
  });
}
