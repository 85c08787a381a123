import type { Definition } from '../contracts/definition.js';
import type { EventIterator, EventProperties, EventStrategy, ReadAs } from '../contracts/definition-events.js';
import type { DurationValue, ErrorTemplate } from '../contracts/definition-parts.js';
import type {
  Catch,
  DoTask,
  EmitTask,
  ForkTask,
  ForTask,
  FunctionCall,
  ListenTask,
  RaiseTask,
  RunProcess,
  RunTask,
  SetTask,
  SwitchTask,
  Task,
  TaskList,
  TryTask,
  WaitTask,
} from '../contracts/definition-tasks.js';
import type {
  ArgumentsOf,
  Branches,
  CallName,
  Cases,
  Leads,
  Listed,
  TargetsOf,
  TaskOptions,
  WorkflowTerms,
} from './flow-types.js';

const DSL = '1.0.3';

/** A list of tasks in the order of its keys; fails with a TypeError for a name that JavaScript would move to the front. */
function tasks<Tasks extends Listed<Tasks>>(list: Tasks): TaskList {
  return Object.entries(list as { [name: string]: Task }).map(([name, task]) => {
    if (/^\d+$/.test(name))
      throw new TypeError(`the task "${name}" needs a name that is no number: it would change its place`);
    return { [name]: task };
  });
}

/** A whole definition: what `brikk validate`, runs and the API take. */
function workflow<Tasks extends Listed<Tasks>>({ do: list, ...terms }: WorkflowTerms & { do: Tasks }): Definition {
  const { namespace, name, version, title, summary, tags, metadata, ...rest } = terms;
  const head = { dsl: DSL, namespace, name, version, title, summary, tags, metadata };
  return withoutAbsent({ document: withoutAbsent(head), ...rest, do: tasks(list) });
}

/** An expression: `${ program }`. It fits every place, since what it gives is known when the run is there. */
function jq(program: string): never {
  return `\${ ${program} }` as never;
}

/** Calls a protocol, a pattern, or a function of `use.functions` or a catalogue; `with` has the type of what is called. */
function call<Name extends CallName | (string & {}), To extends string = never>(
  name: Name,
  parameters?: ArgumentsOf<Name>,
  options?: TaskOptions<To>,
): FunctionCall & Leads<NoInfer<To>> {
  return withoutAbsent({ call: name, with: parameters as FunctionCall['with'], ...options });
}

/** Tasks one after another. */
function inOrder<Tasks extends Listed<Tasks>, To extends string = never>(
  list: Tasks,
  options?: TaskOptions<To>,
): DoTask & Leads<NoInfer<To>> {
  return { do: tasks(list), ...options };
}

/** Branches side by side; with `compete` the first to end wins. */
function fork<Tasks extends Branches<Tasks>, To extends string = never>(
  branches: Tasks,
  { compete, ...options }: TaskOptions<To> & { compete?: boolean } = {},
): ForkTask & Leads<NoInfer<To>> {
  return { fork: withoutAbsent({ branches: tasks(branches as Listed<Tasks>), compete }), ...options };
}

/** Rounds one after another, each fed with the output of the one before. */
function loop<Tasks extends Listed<Tasks>, To extends string = never>(
  { while: holds, ...over }: ForTask['for'] & { while?: string },
  list: Tasks,
  options?: TaskOptions<To>,
): ForTask & Leads<NoInfer<To>> {
  return withoutAbsent({ for: over, while: holds, do: tasks(list), ...options });
}

/** Goes on where the first case holds; one may lack `when`. */
function choose<const Of extends Cases, To extends string = never>(
  cases: Of,
  options?: TaskOptions<To>,
): SwitchTask & Leads<NoInfer<TargetsOf<Of> | To>> {
  return { switch: Object.entries(cases).map(([name, one]) => ({ [name]: one })), ...options };
}

/** Tries tasks; `do` of the catch is a list as well. */
function attempt<
  Tasks extends Listed<Tasks>,
  Remedy extends Listed<Remedy>,
  To extends string = never,
  CaughtTo extends string = never,
>(
  list: Tasks,
  { do: remedy, ...caught }: Omit<Catch, 'do' | 'then'> & { do?: Remedy; then?: CaughtTo },
  options?: TaskOptions<To>,
): TryTask & Leads<NoInfer<To | CaughtTo>> {
  const handled: Catch = remedy === undefined ? caught : { ...caught, do: tasks(remedy) };
  return { try: tasks(list), catch: handled, ...options };
}

/** Ends with an error, in place or by its name in `use.errors`. */
function raise<To extends string = never>(
  error: ErrorTemplate | string,
  options?: TaskOptions<To>,
): RaiseTask & Leads<NoInfer<To>> {
  return { raise: { error }, ...options };
}

/** Replaces the data. */
function set<To extends string = never>(
  value: SetTask['set'],
  options?: TaskOptions<To>,
): SetTask & Leads<NoInfer<To>> {
  return { set: value, ...options };
}

/** A timer. */
function wait<To extends string = never>(
  duration: DurationValue,
  options?: TaskOptions<To>,
): WaitTask & Leads<NoInfer<To>> {
  return { wait: duration, ...options };
}

/** Sends an event. */
function emit<To extends string = never>(
  event: EventProperties & { type: string },
  options?: TaskOptions<To>,
): EmitTask & Leads<NoInfer<To>> {
  return { emit: { event: { with: event } }, ...options };
}

/** Waits for events. */
function listen<To extends string = never>(
  to: EventStrategy,
  { read, foreach, ...options }: TaskOptions<To> & { read?: ReadAs; foreach?: EventIterator } = {},
): ListenTask & Leads<NoInfer<To>> {
  return withoutAbsent({ listen: withoutAbsent({ to, read }), foreach, ...options });
}

/** Runs another workflow, a container, a script or a shell command. */
function run<To extends string = never>(process: RunProcess, options?: TaskOptions<To>): RunTask & Leads<NoInfer<To>> {
  return { run: process, ...options };
}

/** What is undefined is not there: a definition is JSON. */
function withoutAbsent<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Value;
}

/**
 * Writes workflow definitions in TypeScript, in the words of the language: names, targets and parameters are checked by
 * the compiler, and the result is the document that YAML would give.
 */
export const flow = {
  workflow,
  tasks,
  jq,
  call,
  do: inOrder,
  fork,
  for: loop,
  switch: choose,
  try: attempt,
  raise,
  set,
  wait,
  emit,
  listen,
  run,
} as const;
