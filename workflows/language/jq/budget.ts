import { limitError } from './jq-error.js';

/** What one evaluation may use. Every field has a default. */
export interface Limits {
  /** Milliseconds since the epoch that `now` gives; 0 when absent, since a workflow has no clock of its own. */
  readonly now?: number;
  /** Evaluation steps; copies and regular expressions count as well. */
  readonly steps?: number;
  /** Bytes of JSON, of all results together and of each value on the way. */
  readonly bytes?: number;
  /** Levels of nesting in values, and frames of recursion. */
  readonly depth?: number;
}

/** Elements or characters copied for the price of one step: bounds time and memory together. */
const UNITS_PER_STEP = 64;
/** One frame of a recursive function leaves a handful of pending continuations. */
const CONTINUATIONS_PER_FRAME = 20;

/** Counts down what an evaluation uses and ends it with a limit error. */
export class Budget {
  readonly nowMs: number;
  readonly depth: number;
  readonly continuations: number;
  readonly bytes: number;
  private readonly steps: number;
  private spent = 0;

  constructor(limits: Limits = {}) {
    this.nowMs = limits.now ?? 0;
    this.steps = limits.steps ?? 1_000_000;
    this.bytes = limits.bytes ?? 1_048_576;
    this.depth = limits.depth ?? 10_000;
    this.continuations = this.depth * CONTINUATIONS_PER_FRAME;
  }

  step(): void {
    this.spend(1);
  }

  spend(steps: number): void {
    this.spent += steps;
    if (this.spent > this.steps) throw limitError('steps', `more than ${this.steps} steps`);
  }

  /** To be called before `units` elements or characters are allocated. */
  allocate(units: number): void {
    if (units > this.bytes) throw limitError('bytes', `a value of more than ${this.bytes} bytes`);
    this.spend(units / UNITS_PER_STEP);
  }

  checkDepth(depth: number): void {
    if (depth > this.depth) throw limitError('depth', `more than ${this.depth} levels`);
  }
}
