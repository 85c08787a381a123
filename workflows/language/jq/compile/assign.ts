import type { Choice } from '../machine/machine.js';
import { checkPath, keysOf, rootPath } from '../machine/path.js';
import type { BinaryOperator, Node } from '../syntax/ast.js';
import { emptyObject, isArray, isObject, isTruthy, type Json } from '../values/json.js';
import { deletePaths, getPath, setPath } from '../values/update.js';
import { forEach, type Compiled, type Compiler, type Names } from './context.js';
import { operationOf } from './operators.js';

type NodeOf<Kind extends Node['kind']> = Extract<Node, { kind: Kind }>;

export function compileAssign(compiler: Compiler, node: NodeOf<'assign'>, names: Names | undefined): Compiled {
  const left = compiler.compile(node.left, names);
  const right = compiler.compile(node.right, names);
  if (node.operator === '|=') return modify(compiler, left, right, node.at);
  const replace = replacementOf(node.operator);
  return {
    code: (machine, scope, input, path, next) =>
      forEach(right, machine, scope, input, next, (operand) => {
        let result = input;
        machine.push({ retry: () => machine.emit(next, result, path) });
        const write = machine.before(next, (value, place) => {
          compiler.mark(machine, node.at);
          checkPath(place!, value, machine.budget);
          const keys = keysOf(place!, machine.budget);
          const old = replace ? getPath(result, keys, machine.budget) : null;
          result = setPath(result, keys, replace ? replace(old, operand, machine.budget) : operand, machine.budget);
          machine.backtrack();
        });
        machine.evaluate(left.code, scope, input, rootPath(input), write);
      }),
  };
}

/** What `=` puts in place of the old value: the operand itself, told by undefined. */
function replacementOf(
  operator: Exclude<NodeOf<'assign'>['operator'], '|='>,
): ReturnType<typeof operationOf> | undefined {
  if (operator === '=') return undefined;
  if (operator === '//=') return (old, operand) => (isTruthy(old) ? old : operand);
  return operationOf(operator.slice(0, -1) as BinaryOperator);
}

/** `paths |= update`: the first result of the update, or deletion at the end where it has none. */
function modify(compiler: Compiler, paths: Compiled, update: Compiled, at: number): Compiled {
  return {
    code: (machine, scope, input, path, next) => {
      let result = input;
      const gone: Json[] = [];
      machine.push({
        retry: () => {
          const changed = gone.length > 0 ? deletePaths(result, gone, machine.budget) : result;
          // What was updated has no place any more, even if nothing in it changed.
          const detached = typeof changed === 'string' || isArray(changed) || isObject(changed);
          machine.emit(next, changed, path && detached ? rootPath(emptyObject()) : path);
        },
      });
      const write = machine.before(next, (value, place) => {
        compiler.mark(machine, at);
        checkPath(place!, value, machine.budget);
        const keys = keysOf(place!, machine.budget);
        const nothing: Choice = {
          retry: () => {
            gone.push(keys);
            machine.backtrack();
          },
        };
        machine.push(nothing);
        forEach(update, machine, scope, getPath(result, keys, machine.budget), next, (replacement) => {
          machine.cut(nothing);
          result = setPath(result, keys, replacement, machine.budget);
          machine.backtrack();
        });
      });
      machine.evaluate(paths.code, scope, input, rootPath(input), write);
    },
  };
}
