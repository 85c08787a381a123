import type { Budget } from '../budget.js';
import { JqError, limitError } from '../jq-error.js';
import type { Json } from '../values/json.js';
import { jsonSize } from '../values/print.js';
import type { Path } from './path.js';

/** One compiled filter: it gives its first result to `next` and leaves the others behind as choices. */
export type Code = (
  machine: Machine,
  scope: Scope | undefined,
  input: Json,
  path: Path | undefined,
  next: Continuation,
) => void;

/** What happens to a result. */
export interface Continuation {
  readonly depth: number;
  readonly resume: (value: Json, path: Path | undefined) => void;
}

/** Bindings, innermost first. A slot holds a variable's value, a filter given as argument, or a label. */
export interface Scope {
  readonly parent: Scope | undefined;
  readonly slot: Json | Closure | Choice;
}

export interface Closure {
  readonly code: Code;
  readonly scope: Scope | undefined;
}

/** A place to go back to for the next result. */
export interface Choice {
  readonly retry: () => void;
  /** Takes an error that was raised while the choice was open. */
  readonly catch?: (error: JqError) => void;
  /** Results of that `try` have left it: errors from here on are none of its business. */
  readonly outside?: Choice;
}

/**
 * Runs compiled filters by backtracking over an explicit stack of choices, with continuations
 * on the heap: recursion in a program never becomes recursion here, and tail calls cost nothing.
 */
export class Machine {
  private readonly choices: Choice[] = [];
  private code: Code | undefined;
  private scope: Scope | undefined;
  private value: Json = null;
  private path: Path | undefined;
  private next: Continuation;
  private running = false;
  /** Offset of the node that ran last, to tell where an error came from. */
  at = 0;

  constructor(readonly budget: Budget) {
    this.next = { depth: 0, resume: () => this.backtrack() };
  }

  run(code: Code, scope: Scope | undefined, input: Json): Json[] {
    const results: Json[] = [];
    let bytes = 0;
    this.running = true;
    this.evaluate(code, scope, input, undefined, {
      depth: 0,
      resume: (value) => {
        bytes += jsonSize(value, this.budget) + 1;
        if (bytes > this.budget.bytes) throw limitError('bytes', `more than ${this.budget.bytes} bytes of results`);
        results.push(value);
        this.backtrack();
      },
    });
    while (this.running) {
      try {
        while (this.running) this.advance();
      } catch (error) {
        if (!(error instanceof JqError) || error.kind !== 'runtime') throw error;
        this.unwind(error);
      }
    }
    return results;
  }

  /** Runs `code` next. */
  evaluate(code: Code, scope: Scope | undefined, input: Json, path: Path | undefined, next: Continuation): void {
    this.code = code;
    this.scope = scope;
    this.value = input;
    this.path = path;
    this.next = next;
  }

  /** Hands a result on. */
  emit(next: Continuation, value: Json, path: Path | undefined): void {
    this.code = undefined;
    this.value = value;
    this.path = path;
    this.next = next;
  }

  /** A continuation that stands in front of `next`. */
  before(next: Continuation, resume: Continuation['resume']): Continuation {
    const depth = next.depth + 1;
    if (depth > this.budget.continuations) throw limitError('depth', `more than ${this.budget.depth} frames`);
    return { depth, resume };
  }

  push(choice: Choice): void {
    if (this.choices.length > this.budget.continuations)
      throw limitError('depth', `more than ${this.budget.depth} frames`);
    this.choices.push(choice);
  }

  /** Removes `choice` if nothing was left behind since it was pushed. */
  popIfLast(choice: Choice): boolean {
    if (this.choices[this.choices.length - 1] !== choice) return false;
    this.choices.pop();
    return true;
  }

  /** Forgets every choice since `choice`, and `choice` itself. */
  cut(choice: Choice): void {
    while (this.choices.length > 0 && this.choices.pop() !== choice);
  }

  /** No result here: goes on with the latest choice. */
  backtrack(): void {
    const choice = this.choices.pop();
    if (choice) choice.retry();
    else this.running = false;
  }

  private advance(): void {
    this.budget.step();
    if (this.code) this.code(this, this.scope, this.value, this.path, this.next);
    else this.next.resume(this.value, this.path);
  }

  private unwind(error: JqError): void {
    const left = new Set<Choice>();
    for (let choice = this.choices.pop(); choice; choice = this.choices.pop()) {
      if (choice.outside) left.add(choice.outside);
      else if (choice.catch && !left.has(choice)) return choice.catch(error);
    }
    throw error;
  }
}
