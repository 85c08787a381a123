import { listOf, type Loose, namesOf, numberOf, recordOf, textOf } from './loose.js';
import { count, duration, excerpt, list, shorten } from './words.js';

const WHOLE: Record<number, string> = { 1: 'done', 2: 'both done' };

/** How branches ended, with who did them. */
export function tellCompletion({ scores, chosen }: Loose, doneBy: string): string {
  const { total, needed, completed, missing, missingCount, cancelledCount, slowest } = recordOf(scores);
  const [all = 0, done = 0, wanted = 0, lost = 0, stopped = 0] = [
    total,
    completed,
    needed,
    missingCount,
    cancelledCount,
  ].map(numberOf);
  const { name, ms } = recordOf(slowest);
  const slow = done > 1 && typeof ms === 'number' ? `the slowest, ${textOf(name)}, in ${duration(ms)}` : '';
  const rule = wanted === all ? '' : ` (${wanted} needed)`;
  return [
    `${done === all ? (WHOLE[all] ?? `all ${all} done`) : `${done} of ${all} done`}${rule}${doneBy}`,
    lost > 0 ? `${list(namesOf(missing).slice(0, lost), lost - namesOf(missing).length)} failed` : '',
    stopped > 0 ? `${stopped} stopped` : '',
    chosen === 'timed_out' ? 'the time was over' : '',
    slow,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** How the items of workers ended. */
export function tellItems({ scores }: Loose, doneBy: string): string {
  const { total, completed, reassigned, deadLetters, deadLetterCount, makespanMs, refusedTasks, copies, copiesWon } =
    recordOf(scores);
  const [all = 0, done = 0, again = 0, dead = 0, refused = 0, tookMs = 0, copied = 0, won = 0] = [
    total,
    completed,
    reassigned,
    deadLetterCount,
    refusedTasks,
    makespanMs,
    copies,
    copiesWon,
  ].map(numberOf);
  const letters = namesOf(deadLetters);
  return [
    `${done === all ? `all ${count(all, 'item')}` : `${done} of ${count(all, 'item')}`} done in ${duration(tookMs)}${doneBy}`,
    again > 0 ? `${again} given out again` : '',
    copied > 0 ? `${copied} slow, given to a second worker (${won} faster)` : '',
    dead > 0 ? `given up: ${list(letters, dead - letters.length)}` : '',
    refused > 0 ? `${refused} more refused` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** A plan: which tasks, and what each waits for. */
export function tellPlan({ chosen }: Loose): string {
  if (typeof chosen === 'number') return `planned ${count(chosen, 'item')}`;
  const tasks = listOf(chosen).map(recordOf);
  const named = tasks.map(({ id, dependsOn }) => {
    const before = namesOf(dependsOn);
    return `${textOf(id)}${before.length > 0 ? ` after ${before.join(' and ')}` : ''}`;
  });
  return `planned ${count(tasks.length, 'task')}: ${list(named)}`;
}

export function tellReplan({ scores }: Loose): string {
  const { added, changed, removed, finished } = recordOf(scores);
  const parts = (
    [
      ['new', added],
      ['changed', changed],
      ['dropped', removed],
      ['kept', finished],
    ] as const
  ).flatMap(([what, ids]) => (namesOf(ids).length > 0 ? [`${what} ${list(namesOf(ids))}`] : []));
  return `planned anew: ${parts.join('; ') || 'as before'}`;
}

const JUDGED = ['finished', 'failed', 'open'] as const;

/** How a round of a plan stands. */
export function tellLedger({ scores, chosen }: Loose): string {
  const { round, satisfied, looping, progressing, stalls, reason } = recordOf(scores);
  const again = namesOf(chosen);
  const stands =
    satisfied === true
      ? 'the goal is met'
      : looping === true
        ? 'it goes in circles'
        : progressing === false
          ? 'it brought nothing'
          : 'it goes on';
  return [
    `round ${numberOf(round) ?? 1}: ${stands}${reason ? ` (${shorten(textOf(reason))})` : ''}`,
    (numberOf(stalls) ?? 0) > 0 ? count(numberOf(stalls) ?? 0, 'stall') : '',
    again.length > 0 ? `once more ${list(again)}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** What there is of a plan that did not come to its end. */
export function tellSummary({ scores, chosen }: Loose): string {
  const parts = JUDGED.flatMap((what) => {
    const ids = namesOf(recordOf(scores)[what]);
    return ids.length > 0 ? [`${what} ${list(ids)}`] : [];
  });
  const said = chosen === undefined ? '' : `: ${excerpt(chosen)}`;
  return `what there is: ${parts.join('; ') || 'nothing'}${said}`;
}

export function tellOrder({ rule, chosen }: Loose): string {
  return `first ${list(namesOf(chosen))} (${textOf(rule)})`;
}

export function tellHandoff({ scores, chosen }: Loose): string {
  const { from, reason } = recordOf(scores);
  return `${textOf(from)} hands over to ${textOf(chosen)}${reason ? `: ${shorten(textOf(reason))}` : ''}`;
}

const ENDINGS: Record<string, string> = {
  goal_met: 'the goal is met',
  consensus: 'the sources agree',
  quiescent: 'nobody has anything to add',
  max_cycles: 'the cycles are used up',
  max_activations: 'the activations are used up',
  canceled: 'stopped',
};

/** How a board ended. */
export function tellBoardEnd({ scores, chosen }: Loose): string {
  const { activations, entries, conflicts } = recordOf(scores);
  const [acted = 0, standing = 0, fought = 0] = [activations, entries, conflicts].map(numberOf);
  const told = `${count(acted, 'activation')}, ${count(standing, 'entry')} on the board`;
  return `${ENDINGS[textOf(chosen)] ?? textOf(chosen)} after ${told}${fought > 0 ? `, ${count(fought, 'conflict')}` : ''}`;
}

export function tellConflict({ candidates, rule, scores, chosen }: Loose): string {
  const [standing, proposed] = listOf(candidates).map(textOf);
  return `${proposed ?? ''} met ${standing || 'a removal'} at ${textOf(recordOf(scores).entry)}: ${textOf(chosen).replace('_', ' ')} (${textOf(rule)})`;
}

/** Who acts next on a board, where an agent or a value said so; declared order needs no words. */
export function tellActivation({ rule, chosen }: Loose): string | undefined {
  if (rule !== 'agent' && rule !== 'highest value less cost') return undefined;
  return `next, by ${textOf(rule)}: ${list(namesOf(chosen)) || 'nobody'}`;
}

/** A board that outlives its run: what it held at the start, what was kept of it. */
export function tellBoardMemory({ rule, scores, chosen }: Loose): string {
  const [version = 0, entries = 0, changed = 0] = ['version', 'entries', 'changed'].map((name) =>
    numberOf(recordOf(scores)[name]),
  );
  const board = textOf(chosen);
  if (rule !== 'load') return `${count(changed, 'change')} of the board kept in ${board}, version ${version}`;
  return version === 0 ? `${board} is a new board` : `the board ${board} goes on with ${count(entries, 'entry')}`;
}

const MEMORY: Record<string, string> = { get: 'read', put: 'wrote', append: 'added to', search: 'searched for' };

/** A task that used shared memory. */
export function tellMemoryCall({ rule, scores, chosen }: Loose): string {
  const { version, found } = recordOf(scores);
  const said = `${MEMORY[textOf(rule)] ?? textOf(rule)} ${shorten(textOf(chosen))}`;
  if (rule === 'search') return `${said}: ${count(numberOf(found) ?? 0, 'entry')}`;
  return version === 0 ? `${said}, where there is nothing` : `${said}, version ${numberOf(version) ?? 0}`;
}

/** What of the shared memory a call was told. */
export function tellRecall({ scores, chosen }: Loose): string {
  const [found = 0, told = 0] = ['found', 'told'].map((name) => numberOf(recordOf(scores)[name]));
  if (found === 0) return 'there was nothing to recall';
  const names = list(namesOf(chosen).map((name) => name.replace(/@\d+$/, '')));
  return told === 0
    ? `${count(found, 'entry')} of the memory did not fit`
    : `recalled ${names}${told < found ? `, ${found - told} more did not fit` : ''}`;
}
