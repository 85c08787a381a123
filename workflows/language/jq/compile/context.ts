import type { Budget } from '../budget.js';
import type { Code, Machine, Scope } from '../machine/machine.js';
import type { Definition, Node } from '../syntax/ast.js';
import type { Json } from '../values/json.js';

/** A filter with exactly one result and no interest in paths, which needs no continuation. */
export type Direct = (machine: Machine, scope: Scope | undefined, input: Json) => Json;

export interface Compiled {
  readonly code: Code;
  readonly direct?: Direct;
}

/** What a function of the standard library needs. Its arguments are values. */
export type Native = (budget: Budget, input: Json, ...parameters: Json[]) => Json;

/** Names in sight. Variables, filter parameters and labels take a slot at run time, definitions do not. */
export interface Names {
  readonly parent: Names | undefined;
  readonly entry: Entry;
  /** Slots in use, this entry included. */
  readonly slots: number;
}

export type Entry =
  | { readonly kind: 'variable' | 'filter' | 'label'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string; readonly arity: number; readonly body: FunctionBody };

/** Known only after the body is compiled, which may call itself. */
export interface FunctionBody {
  code: Code | undefined;
}

/** What the parts of the compiler share. */
export interface Compiler {
  readonly compile: (node: Node, names: Names | undefined) => Compiled;
  /** Adds the function to the names; what follows and the body itself may call it. */
  readonly define: (definition: Definition, names: Names | undefined) => Names;
  /** A function that is written in jq. */
  readonly library: (name: string, arity: number) => FunctionBody | undefined;
  /** Notes that the node at this offset runs, for the position of errors. Library code leaves no trace. */
  readonly mark: (machine: Machine, at: number) => void;
  readonly fail: (message: string, at: number) => Error;
}

export const slotsOf = (names: Names | undefined): number => names?.slots ?? 0;

export function declare(names: Names | undefined, entry: Entry): Names {
  return { parent: names, entry, slots: slotsOf(names) + (entry.kind === 'function' ? 0 : 1) };
}

export function find(names: Names | undefined, matches: (entry: Entry) => boolean): Names | undefined {
  let found = names;
  while (found && !matches(found.entry)) found = found.parent;
  return found;
}

/** The scope `hops` slots further out. */
export function outer(scope: Scope | undefined, hops: number): Scope | undefined {
  let found = scope;
  for (let hop = 0; hop < hops; hop += 1) found = found?.parent;
  return found;
}

/** Any filter as plain code: one that is direct passes the path on as it came. */
export function fromDirect(direct: Direct): Compiled {
  return {
    direct,
    code: (machine, scope, input, path, next) => machine.emit(next, direct(machine, scope, input), path),
  };
}

/** Runs `compiled` for its values alone, outside any path expression. */
export function forEach(
  compiled: Compiled,
  machine: Machine,
  scope: Scope | undefined,
  input: Json,
  next: Parameters<Machine['before']>[0],
  use: (value: Json) => void,
): void {
  if (compiled.direct) use(compiled.direct(machine, scope, input));
  else machine.evaluate(compiled.code, scope, input, undefined, machine.before(next, use));
}
