import type { Task, TaskList } from '../../../contracts/definition-tasks.js';
import type { RunError } from '../../../contracts/runs.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { Fault, Halt, runErrorOf } from './fault.js';
import { Interpretation } from './interpretation.js';
import { performTask } from './perform-task.js';
import type { Place } from './place.js';
import { PERFORM } from './run-list.js';
import { entryOf, nextTask } from './task-list.js';

const DOCUMENT = { dsl: '1.0.3', namespace: 'plan', name: 'plan', version: '1.0.0' };
/** All of them stand in one history: loops of a plan end here. */
const MOST_TASKS = 1_000;

export type TaskOutcome = { output: Value } | { error: RunError } | 'stopped';

/**
 * A list of tasks that was written while the run was under way, at the place of `ctx`: performed as the tasks of a
 * definition, one step at a time, so that it can stop between them and go on later. Whoever makes it has had it checked.
 */
export class WrittenTasks {
  private readonly run: Interpretation;
  private readonly place: Place;
  private at = 0;
  private data: Value;

  constructor(
    ctx: PatternContext,
    private readonly tasks: TaskList,
    input: Value,
  ) {
    const params = { definition: { document: DOCUMENT, do: tasks }, interpreter: 1 as const };
    const about = { ref: ctx.ref, input, startedAt: Date.now(), perform: PERFORM, maxTasks: MOST_TASKS };
    this.run = new Interpretation({ params, ...about });
    this.place = { ctx: ctx.rooted(), pointer: `/${ctx.path}/do`, variables: {}, functions: [] };
    this.data = input;
  }

  /** The task that comes next; undefined at the end. */
  get next(): { name: string; task: Task } | undefined {
    const entry = this.tasks[this.at];
    if (!entry) return undefined;
    const [name, task] = entryOf(entry);
    return { name, task };
  }

  /** The next task was done before, and this is what it gave. */
  skip(output: Value): void {
    this.goOn(output, this.next?.task.then);
  }

  /** Performs the next task. One that fails is still the next. */
  async step(): Promise<TaskOutcome> {
    try {
      const { output, then } = await performTask(this.run, this.place, this.tasks, this.at, this.data);
      this.goOn(output, then);
      return { output };
    } catch (error) {
      if (error instanceof Halt) return 'stopped';
      if (error instanceof Fault) return { error: runErrorOf(error) };
      throw error;
    }
  }

  private goOn(output: Value, then: string | undefined): void {
    const next = nextTask(this.place, this.tasks, this.at, then);
    this.at = typeof next === 'number' ? next : this.tasks.length;
    this.data = output;
  }
}
