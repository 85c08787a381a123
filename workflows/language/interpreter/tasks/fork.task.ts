import type { ForkTask } from '../../../../contracts/definition-tasks.js';
import type { Value } from '../../../../contracts/values.js';
import { Halt } from '../fault.js';
import type { Interpretation } from '../interpretation.js';
import type { Place, TaskEnd, TaskPlace } from '../place.js';
import { below } from '../../json-pointer.js';

type BranchEnd = { kind: 'done'; end: TaskEnd } | { kind: 'thrown'; error: unknown };

/**
 * Branches side by side: their outputs in the order of declaration. With `compete` the first to complete wins and the
 * others are given up. A branch that fails gives up the others; competing ones fail when all of them have.
 */
export async function performFork(
  run: Interpretation,
  place: TaskPlace,
  task: ForkTask,
  input: Value,
): Promise<TaskEnd> {
  const { branches, compete = false } = task.fork;
  const scope = place.ctx.newScope();
  const inner: Place = {
    ...place,
    ctx: place.ctx.branch(scope, compete),
    pointer: below(place.pointer, 'fork', 'branches'),
  };
  let first: BranchEnd | undefined;
  const ends = await Promise.all(
    branches.map(async (_, index): Promise<BranchEnd> => {
      const end = await ended(run.perform.task(run, inner, branches, index, input));
      const decides = compete ? end.kind === 'done' : end.kind === 'thrown' || end.end.then === 'end';
      if (decides && scope.reason === undefined) {
        first = end;
        scope.stop('lost');
      }
      return end;
    }),
  );
  if (place.ctx.stopped !== undefined) throw new Halt();
  const decided = first ?? (compete ? ends[0] : undefined);
  if (decided?.kind === 'thrown') throw decided.error;
  if (decided) return outputOf(decided.end);
  return { output: { list: ends.map((end) => (end as Extract<BranchEnd, { kind: 'done' }>).end.output) } };
}

/** Of a branch only the end of the run leads elsewhere. */
const outputOf = ({ output, then }: TaskEnd): TaskEnd => (then === 'end' ? { output, then } : { output });

const ended = (work: Promise<TaskEnd>): Promise<BranchEnd> =>
  work.then(
    (end): BranchEnd => ({ kind: 'done', end }),
    (error: unknown): BranchEnd => ({ kind: 'thrown', error }),
  );
