import type { AgentParams } from './agent-pattern.js';
import type { Budget, BudgetLimit } from './budget.js';
import type { Definition } from './definition.js';
import type { NumberedEvent } from './event-bus.js';
import type { Json } from './json.js';
import type { Needs } from './needs.js';
import type { ProcessKind } from './processes.js';
import type { RunSignal } from './run-signals.js';
import type { PatternParams } from './patterns.js';
import type { Value } from './values.js';

/** Parameters of a run that follows a definition: everything it is interpreted by, pinned when it is accepted. */
export interface WorkflowParams {
  definition: Definition;
  /** Of the definition's content, SHA-256. */
  hash: string;
  /** Old ones stay, so that old runs replay. */
  interpreter: 1;
  budget?: Budget;
  /** Calls of agents under way at once; as every run unless said. */
  maxInFlight?: number;
  /** Of every call of an agent that says nothing else. */
  needs?: Needs;
  /** What it may start on the worker's machine, if anything. */
  processes?: ProcessKind[];
  /** Runs around it, of one that a task of another definition runs. */
  depth?: number;
}

export type RunParams = PatternParams & { workflow: WorkflowParams };

/** Where a run of a definition goes on in a new history. Values are small or references. */
export interface CarriedRun {
  /** Index of the task of the document's list that comes next, or whose rounds go on. */
  at: number;
  /** Its raw input. */
  data: Value;
  /** Rounds of a `for`, or events of a `listen`, that are still to come. */
  loop?: CarriedLoop;
  context: Value;
  /** How often tasks have begun, by their JSON pointers. */
  visits: [pointer: string, count: number][];
  tasks: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** What undoes the tasks that are done, in their order. */
  undos?: TaskUndo[];
  /** How far the run's budget has come; what its ledger holds is on record. */
  budget?: CarriedBudget;
  /** What later work may be told of the work until now. */
  history?: CarriedHistory;
  isDegraded: boolean;
  isPaused: boolean;
  /** How often its stream has told a pause and a wait. */
  shown: { pauses: number; waits: number };
  /** Events that nobody has consumed, and what identifies those that came before. */
  events: { waiting: Json[]; seen: string[]; heard: number; next: number; early: NumberedEvent[] };
  signals: RunSignal[];
}

/** Outputs in their order: one by one, or many in a list. */
export interface CarriedHistory {
  told: { path: string; role?: string; round?: number; tokens: number; toolIds?: string[] }[];
  outputs: ({ one: Value } | { many: Value })[];
}

/** What a budget knows beside its ledger. */
export interface CarriedBudget {
  /** As persons have raised them. */
  limits: Omit<Budget, 'onExceeded' | 'approval'>;
  questions: number;
  raises: number;
  exceeded?: BudgetLimit;
  /** Why nobody allowed more. */
  refusal?: string;
}

/** How a task that is done would be undone. */
export interface TaskUndo {
  name: string;
  pointer: string;
  /** Unique in the run: the pointer, with the count of the visit from the second on. */
  path: string;
  params: AgentParams;
  /** Or why there is none. */
  input: Value | { failure: string };
}

/** Of a `listen` the items are what it has made of the events until now. */
export interface CarriedLoop {
  input: Value;
  items: Value;
  /** Index of the next round. */
  next: number;
  output: Value;
  startedAt: number;
  ear?: CarriedEar;
}

/** What a `listen` knows of the events that it has heard. */
export interface CarriedEar {
  /** What filters without `expect` have been correlated with. */
  correlated: [name: string, value: Json][];
  /** What the events were correlated by. */
  keys: [name: string, value: Json][];
  /** Of the filters that each have to be heard: the indexes of those that were not. */
  open: number[];
}
