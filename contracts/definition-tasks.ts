import type { CallProtocols } from './definition-calls.js';
import type { EventIterator, EventProperties, EventStrategy, ReadAs } from './definition-events.js';
import type { TaskOptions } from './definition-options.js';
import type {
  DurationValue,
  ErrorFilter,
  ErrorTemplate,
  ExportFilter,
  ExternalResource,
  InputFilter,
  OutputFilter,
  RetryPolicy,
  Timeout,
} from './definition-parts.js';

/** Tasks in order, each an object of one name. */
export type TaskList = { [name: string]: Task }[];

/** `continue`, `exit` (leaves the list), `end` (ends the run), or the name of a task of the same list. */
export type FlowDirective = string;

/** What every task may say. */
export interface TaskBase {
  /** jq, with or without `${ }`; false: the task is skipped and its raw input is the output. */
  if?: string;
  input?: InputFilter;
  output?: OutputFilter;
  export?: ExportFilter;
  /** A timeout, or the name of one in `use.timeouts`. */
  timeout?: Timeout | string;
  then?: FlowDirective;
  metadata?: { brikk?: TaskOptions; [key: string]: unknown };
}

/** Told apart by the one key that names the kind (`for` before `do`). */
export type Task =
  | CallTask
  | DoTask
  | EmitTask
  | ForTask
  | ForkTask
  | ListenTask
  | RaiseTask
  | RunTask
  | SetTask
  | SwitchTask
  | TryTask
  | WaitTask;

/** The twelve kinds of tasks, each named by its key. */
export type TaskKind =
  'call' | 'do' | 'emit' | 'for' | 'fork' | 'listen' | 'raise' | 'run' | 'set' | 'switch' | 'try' | 'wait';

/** Of a protocol: with its arguments; of a function: `market`, `market:1.0.0@default`, a key of `use.functions`, a URL. */
export type CallTask = ProtocolCall | FunctionCall;
/** A call of a server by a protocol, with the arguments of that protocol. */
export type ProtocolCall = {
  [Protocol in keyof CallProtocols]: TaskBase & { call: Protocol; with: CallProtocols[Protocol] };
}[keyof CallProtocols];
export interface FunctionCall extends TaskBase {
  call: string;
  with?: { [name: string]: unknown };
}

export interface DoTask extends TaskBase {
  do: TaskList;
}

export interface EmitTask extends TaskBase {
  /** id, specversion, time and source are filled in. */
  emit: { event: { with?: EventProperties; [key: string]: unknown } };
}

/** Rounds one after another; each is fed with the output of the one before. */
export interface ForTask extends TaskBase {
  for: {
    /** Name of the variable that holds the item, default `item`. */
    each?: string;
    /** A list, or jq that gives one. */
    in: string | unknown[];
    /** Name of the variable that holds the index, default `index`. */
    at?: string;
  };
  /** Asked before each round. */
  while?: string;
  do: TaskList;
}

export interface ForkTask extends TaskBase {
  /** `compete`: the first to end wins, the others are canceled. */
  fork: { branches: TaskList; compete?: boolean };
}

export interface ListenTask extends TaskBase {
  listen: { to: EventStrategy; read?: ReadAs };
  foreach?: EventIterator;
}

export interface RaiseTask extends TaskBase {
  /** An error, or the name of one in `use.errors`. */
  raise: { error: ErrorTemplate | string };
}

export interface RunTask extends TaskBase {
  run: RunProcess;
}

/** Exactly one of workflow, container, script and shell. */
export interface RunProcess {
  /** Default true; false: the output is the input. */
  await?: boolean;
  return?: 'stdout' | 'stderr' | 'code' | 'all' | 'none';
  workflow?: { namespace: string; name: string; version: string; input?: { [name: string]: unknown } };
  container?: { image: string; [field: string]: unknown };
  script?: { language: string; code?: string; source?: ExternalResource; [field: string]: unknown };
  shell?: { command: string; [field: string]: unknown };
}

export interface SetTask extends TaskBase {
  /** Replaces the data: an object whose leaves are evaluated, or an expression. */
  set: { [key: string]: unknown } | string;
}

export interface SwitchTask extends TaskBase {
  /** The first case that holds; one may lack `when`. */
  switch: { [name: string]: SwitchCase }[];
}

/** Holds when its expression does, or when it has none. */
export interface SwitchCase {
  when?: string;
  then: FlowDirective;
}

export interface TryTask extends TaskBase {
  try: TaskList;
  catch: Catch;
}

/** Without `retry` and `do` the error is swallowed and the output is the input. */
export interface Catch {
  errors?: { with?: ErrorFilter };
  /** Name of the variable that holds the error, default `error`. */
  as?: string;
  when?: string;
  exceptWhen?: string;
  /** A policy, or the name of one in `use.retries`. */
  retry?: RetryPolicy | string;
  do?: TaskList;
  then?: FlowDirective;
}

export interface WaitTask extends TaskBase {
  wait: DurationValue;
}
