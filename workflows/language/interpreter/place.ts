import type { Value } from '../../../contracts/values.js';
import type { CarriedLoop } from '../../../contracts/workflow-run.js';
import type { Variables } from '../../lib/evaluator.js';
import type { PatternContext } from '../../lib/pattern-context.js';

/** Where a list of tasks, or one of its tasks, is performed. */
export interface Place {
  /** Of the run, with what stops the work here. */
  ctx: PatternContext;
  /** JSON pointer in the definition: `/do`, `/do/0/order`. */
  pointer: string;
  /** Of loops and catches around. */
  variables: Variables;
  /** Functions of `use.functions` that are being performed around this place. */
  functions: string[];
  /** Among the tasks of an extension: the task that it is for, their `$task`. */
  extended?: Value;
}

/** A task that is being performed. */
export interface TaskPlace extends Place {
  name: string;
  /** Unique in the run: the pointer, with the count of the visit from the second on. */
  path: string;
  /** What expressions of the task's body may read. */
  own: Variables;
}

/** A task without a time limit, as it began: what its rounds need to go on in a new history. */
export interface Begun {
  raw: Value;
  startedAt: number;
  loop?: CarriedLoop;
}

/** How a body of tasks ended; `then` leads elsewhere than to the next task. */
export interface TaskEnd {
  output: Value;
  then?: string;
  /** `exit` ended the list. */
  hasExited?: true;
}
