import { Budget, type Limits } from './budget.js';
import { compileProgram } from './compile/compile.js';
import { JqError, positionOf } from './jq-error.js';
import { Machine, type Code, type Scope } from './machine/machine.js';
import { parseProgram } from './syntax/parser.js';
import type { Json } from '../../../contracts/json.js';

export type { Limits } from './budget.js';
export { JqError, placedMessage } from './jq-error.js';
export { bareProgram, splitTemplate } from './template.js';
export { isTruthy } from './values/json.js';
export type { Json } from '../../../contracts/json.js';

/** A compiled program. It holds no state: one program may run any number of times. */
export interface Program {
  readonly text: string;
  readonly variables: readonly string[];
  readonly code: Code;
}

export interface CompileOptions {
  /** Names of the global variables, without `$`. */
  readonly variables?: readonly string[];
}

/**
 * Compiles a jq 1.8 program. Throws a JqError with a position when the text is no jq, names an
 * unknown function or variable, or uses what is left out on purpose: modules, further inputs,
 * the environment, debug output, SQL-style operators, local time.
 */
export function compile(text: string, { variables = [] }: CompileOptions = {}): Program {
  const { code } = compileProgram(parseProgram(text), text, variables);
  return { text, variables, code };
}

/**
 * All results of a program. Throws a JqError: `runtime` with jq's message, or `limit` when the
 * budget is used up. A global variable without a value is null.
 */
export function run(
  program: Program,
  input: Json,
  variables: Readonly<Record<string, Json>> = {},
  limits: Limits = {},
): Json[] {
  const machine = new Machine(new Budget(limits));
  const scope = program.variables.reduce<Scope | undefined>(
    (parent, name) => ({ parent, slot: Object.hasOwn(variables, name) ? (variables[name] ?? null) : null }),
    undefined,
  );
  try {
    // Inside, values are read-only; what is handed out belongs to the caller.
    return machine.run(program.code, scope, input) as Json[];
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    const { kind, message, value, limit } = error;
    throw new JqError(kind, message, { value, limit, position: positionOf(program.text, machine.at) });
  }
}
