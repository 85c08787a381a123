import { runtimeError } from '../jq-error.js';
import type { Choice, Machine } from '../machine/machine.js';
import { checkPath, extendPath, keysOf, rootPath, type Path } from '../machine/path.js';
import type { Node } from '../syntax/ast.js';
import { quote } from '../values/describe.js';
import { isArray, type Json } from '../values/json.js';
import { getPath } from '../values/update.js';
import { forEach, type Compiled, type Compiler } from './context.js';

type Form = (compiler: Compiler, node: Node, parameters: readonly Compiled[]) => Compiled;

/** Functions that produce no, many or placed results and therefore are part of the machine. */
export const SPECIAL_FORMS: Readonly<Record<string, Form>> = {
  'empty/0': () => ({ code: (machine) => machine.backtrack() }),
  'path/1': pathOf,
  'getpath/1': placeAt,
  'range/1': (compiler, node, [upTo]) => range(compiler, node, undefined, upTo!),
  'range/2': (compiler, node, [from, upTo]) => range(compiler, node, from, upTo!),
};

function pathOf(compiler: Compiler, node: Node, [body]: readonly Compiled[]): Compiled {
  return {
    code: (machine, scope, input, path, next) =>
      machine.evaluate(
        body!.code,
        scope,
        input,
        rootPath(input),
        machine.before(next, (value, place) => {
          compiler.mark(machine, node.at);
          checkPath(place!, value, machine.budget);
          machine.emit(next, keysOf(place!, machine.budget), path);
        }),
      ),
  };
}

function placeAt(compiler: Compiler, node: Node, [keys]: readonly Compiled[]): Compiled {
  return {
    code: (machine, scope, input, path, next) =>
      forEach(keys!, machine, scope, input, next, (found) => {
        compiler.mark(machine, node.at);
        if (!isArray(found)) throw runtimeError('Path must be specified as an array');
        if (path)
          checkPath(path, input, machine.budget, `near attempt to access element ${quote(found, machine.budget)} of`);
        const value = getPath(input, found, machine.budget);
        machine.emit(next, value, path && walkTo(path, found, value, machine));
      }),
  };
}

function walkTo(path: Path, keys: readonly Json[], value: Json, machine: Machine): Path {
  machine.budget.allocate(keys.length);
  // Only the value at the end is ever asked for.
  return keys.reduce<Path>((place, key) => extendPath(place, key, value) ?? place, { ...path, value });
}

function range(compiler: Compiler, node: Node, from: Compiled | undefined, upTo: Compiled): Compiled {
  const count = (machine: Machine, start: Json, end: Json, emit: (value: number) => void): void => {
    compiler.mark(machine, node.at);
    if (typeof start !== 'number' || typeof end !== 'number') throw runtimeError('Range bounds must be numeric');
    let value = start;
    const choice: Choice = {
      retry: () => {
        if (!(value < end)) return machine.backtrack();
        const current = value;
        value += 1;
        machine.push(choice);
        emit(current);
      },
    };
    choice.retry();
  };
  return {
    code: (machine, scope, input, path, next) => {
      const each = (start: Json): void =>
        forEach(upTo, machine, scope, input, next, (end) =>
          count(machine, start, end, (value) => machine.emit(next, value, path)),
        );
      if (from) forEach(from, machine, scope, input, next, each);
      else each(0);
    },
  };
}
