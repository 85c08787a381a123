import type { Definition } from '../../../contracts/definition.js';
import type { Task, TaskList } from '../../../contracts/definition-tasks.js';
import type { Json } from '../../../contracts/json.js';
import type { FetchedResource } from '../../../contracts/language-activities.js';
import type { NestedPattern } from '../../../contracts/tasks.js';
import type { RunRef, Value } from '../../../contracts/values.js';
import type { CarriedLoop, CarriedRun, TaskUndo, WorkflowParams } from '../../../contracts/workflow-run.js';
import type { CarriedPlace } from '../../lib/going-on.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import type { Variables } from '../../lib/evaluator.js';
import { inline } from '../../lib/values.js';
import { compile } from '../jq/index.js';
import { fault } from './fault.js';
import type { Place, TaskEnd, TaskPlace } from './place.js';
import type { IsExpression } from './template-program.js';

/** How tasks are performed: bodies that hold tasks need it, and it needs them. */
export interface Performers {
  list(run: Interpretation, place: Place, tasks: TaskList, input: Value): Promise<TaskEnd>;
  /** The task of this index. */
  task(run: Interpretation, place: Place, tasks: TaskList, at: number, raw: Value): Promise<TaskEnd>;
  /** The data flow of a task around what it does. */
  flow(run: Interpretation, place: TaskPlace, task: Task, raw: Value, startedAt: number): Promise<TaskEnd>;
}

interface Start {
  params: Pick<WorkflowParams, 'definition' | 'interpreter' | 'depth' | 'processes'>;
  ref: RunRef;
  input: Value;
  startedAt: number;
  perform: Performers;
  carried?: CarriedRun;
  /** Tasks that it performs at most. */
  maxTasks?: number;
}

/** What one run of a definition has in common at all its places. */
export class Interpretation {
  /** `$context`. */
  context: Value;
  /** The latest output of a task: the best a run has that is given up. */
  latest: Value;
  /** Checked parameters of functions by name and text. */
  readonly parsed = new Map<string, NestedPattern>();
  /** Documents of outside by what they are and where; what was read is what the run keeps to. */
  readonly resources = new Map<string, Promise<FetchedResource>>();
  private readonly visits: Map<string, number>;
  private readonly constants: Variables;
  private tasks: number;
  private readonly maxTasks: number;

  readonly params: Start['params'];
  readonly ref: RunRef;
  /** As the run was given it. */
  readonly input: Value;
  readonly startedAt: number;
  readonly perform: Performers;
  /** Of the tasks that are done, in their order. */
  readonly undos: TaskUndo[];

  constructor({ params, ref, input, startedAt, perform, carried, maxTasks = MAX_TASKS }: Start) {
    this.params = params;
    this.ref = ref;
    this.input = input;
    this.startedAt = startedAt;
    this.perform = perform;
    this.context = carried?.context ?? input;
    this.latest = carried?.loop?.output ?? carried?.data ?? input;
    this.visits = new Map(carried?.visits);
    this.tasks = carried?.tasks ?? 0;
    this.maxTasks = maxTasks;
    this.undos = [...(carried?.undos ?? [])];
    const { definition } = params;
    this.constants = {
      workflow: {
        object: {
          id: inline(ref.runId),
          definition: inline(definition as unknown as Json),
          input,
          startedAt: inline(momentOf(startedAt)),
        },
      },
      runtime: inline({ name: 'brikk', version: `${params.interpreter}.0.0`, metadata: {} }),
    };
  }

  get definition(): Definition {
    return this.params.definition;
  }

  /** How often the task at this place has begun, this time included. */
  visit(pointer: string): number {
    this.tasks += 1;
    if (this.tasks > this.maxTasks)
      throw fault('runtime', pointer, { detail: `a run performs at most ${this.maxTasks} tasks` });
    const visit = (this.visits.get(pointer) ?? 0) + 1;
    this.visits.set(pointer, visit);
    return visit;
  }

  /** The number of the visit that is under way. */
  visitsOf(pointer: string): number {
    return this.visits.get(pointer) ?? 1;
  }

  /** Where the run goes on in a new history. */
  async place(ctx: PatternContext, at: number, data: Value, loop?: CarriedLoop): Promise<CarriedPlace> {
    const history = await ctx.carriedHistory();
    return {
      at,
      ...(history && { history }),
      data: await ctx.carried(data),
      context: await ctx.carried(this.context),
      visits: [...this.visits],
      tasks: this.tasks,
      startedAt: this.startedAt,
      ...(ctx.carriedBudget && { budget: ctx.carriedBudget }),
      ...(this.undos.length > 0 && { undos: this.undos }),
      ...(loop && {
        loop: {
          ...loop,
          input: await ctx.carried(loop.input),
          items: await ctx.carried(loop.items),
          output: await ctx.carried(loop.output),
        },
      }),
    };
  }

  /** What expressions everywhere may read; before the first task there is no `$context`. */
  globals(): Variables {
    return { ...this.constants, context: this.context };
  }

  get beforeTasks(): Variables {
    return this.constants;
  }

  /** Evaluation `loose` tries plain strings that compile. */
  get isExpression(): IsExpression | undefined {
    return this.definition.evaluate?.mode === 'loose' ? compiles : undefined;
  }
}

/** Backward jumps and endless loops end here, long before the deadline. */
const MAX_TASKS = 1_000_000;

/** What expressions in the body of a task may read. */
export const bodyVariables = (run: Interpretation, { variables, own }: TaskPlace): Variables => ({
  ...run.globals(),
  ...variables,
  ...own,
});

/** `$task`: the task as it is written, and how it stands. */
export function taskVariable(
  task: Task,
  about: { name: string; pointer: string; startedAt: number; input?: Value; output?: Value },
): Value {
  const written = task as unknown as Record<string, Json>;
  const { name, pointer, startedAt, input, output } = about;
  return {
    object: {
      ...Object.fromEntries(Object.entries(written).map(([key, part]) => [key, inline(part)])),
      name: inline(name),
      reference: inline(pointer),
      definition: inline(written),
      startedAt: inline(momentOf(startedAt)),
      ...(input === undefined ? {} : { input }),
      ...(output === undefined ? {} : { output }),
    },
  };
}

function momentOf(ms: number): Json {
  return { iso8601: new Date(ms).toISOString(), epoch: { seconds: Math.floor(ms / 1_000), milliseconds: ms } };
}

function compiles(text: string): boolean {
  try {
    compile(text, { variables: ['context', 'workflow', 'runtime', 'task', 'input', 'output'] });
    return true;
  } catch {
    return false;
  }
}
