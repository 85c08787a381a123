import type { ExtendedKind, Extension } from '../../../contracts/definition.js';
import type { Task, TaskKind, TaskList } from '../../../contracts/definition-tasks.js';
import type { Value } from '../../../contracts/values.js';
import { taskKindOf } from '../task-kind.js';
import { isTrue } from './expressions.js';
import { type Interpretation, taskVariable } from './interpretation.js';
import type { Place, TaskEnd, TaskPlace } from './place.js';
import { below } from '../json-pointer.js';

interface Around {
  task: Task;
  raw: Value;
  startedAt: number;
  /** What was before the task is done: it goes on in a new history. */
  isUnderWay: boolean;
}

interface Named extends Extension {
  pointer: string;
}

/**
 * A task with what `use.extensions` does before and after it. Their tasks change neither its input nor its output, but
 * for an `exit` before it: then the task is left out, and what they came to is its output. An error of theirs is the
 * task's; after a task that failed they do nothing. They are not for their own tasks.
 */
export async function extended(
  run: Interpretation,
  place: TaskPlace,
  around: Around,
  work: () => Promise<TaskEnd>,
): Promise<TaskEnd> {
  const extensions = run.definition.use?.extensions;
  if (!extensions || place.extended) return work();
  const active = await activeOf(run, place, around, extensions);
  if (active.length === 0) return work();
  const { task, raw } = around;
  for (const { before, pointer } of around.isUnderWay ? [] : active) {
    const end = before && (await perform(run, place, around, before, below(pointer, 'before')));
    if (end?.then === 'end') return end;
    if (end?.hasExited) return { output: end.output, ...(task.then === undefined ? {} : { then: task.then }) };
  }
  const end = await work();
  for (const { after, pointer } of active) {
    const later = { ...around, raw: end.output, output: end.output, input: raw };
    const then = after && (await perform(run, place, later, after, below(pointer, 'after')));
    if (then?.then === 'end') return { output: end.output, then: 'end' };
  }
  return end;
}

async function activeOf(
  run: Interpretation,
  place: TaskPlace,
  { task, raw, startedAt }: Around,
  extensions: { [name: string]: Extension }[],
): Promise<Named[]> {
  const { name, pointer, variables } = place;
  const known = {
    ...run.globals(),
    ...variables,
    input: raw,
    task: taskVariable(task, { name, pointer, startedAt, input: raw }),
  };
  const active: Named[] = [];
  for (const [index, entry] of extensions.entries())
    for (const [title, extension] of Object.entries(entry)) {
      const own = below('/use/extensions', index, title);
      if (!isFor(extension.extend, taskKindOf(task))) continue;
      if ((await isTrue({ ...place, pointer: own }, extension.when, raw, known)) !== false)
        active.push({ ...extension, pointer: own });
    }
  return active;
}

/** `composite` stands for `do` and `fork`. */
const isFor = (extend: ExtendedKind, kind: TaskKind): boolean =>
  extend === 'all' || extend === kind || (extend === 'composite' && (kind === 'do' || kind === 'fork'));

/** Their `$task` is the task that they are for. */
function perform(
  run: Interpretation,
  { ctx, functions, variables, name, pointer }: TaskPlace,
  { task, raw, startedAt, input = raw, output }: Around & { input?: Value; output?: Value },
  tasks: TaskList,
  at: string,
): Promise<TaskEnd> {
  const place: Place = {
    ctx,
    functions,
    pointer: at,
    variables: output === undefined ? variables : { ...variables, output },
    extended: taskVariable(task, { name, pointer, startedAt, input, output }),
  };
  return run.perform.list(run, place, tasks, raw);
}
