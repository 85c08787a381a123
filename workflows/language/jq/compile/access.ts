import { runtimeError } from '../jq-error.js';
import { checkPath, extendPath, type Path } from '../machine/path.js';
import type { Choice, Continuation, Machine } from '../machine/machine.js';
import type { Node } from '../syntax/ast.js';
import { access } from '../values/access.js';
import { describe, quote } from '../values/describe.js';
import { isArray, isObject, objectOf, type Json } from '../values/json.js';
import { forEach, fromDirect, type Compiled, type Compiler, type Names } from './context.js';

type NodeOf<Kind extends Node['kind']> = Extract<Node, { kind: Kind }>;

export function compileIndex(compiler: Compiler, node: NodeOf<'index'>, names: Names | undefined): Compiled {
  return accessor(compiler, compiler.compile(node.target, names), compiler.compile(node.key, names), node.at);
}

export function compileSlice(compiler: Compiler, node: NodeOf<'slice'>, names: Names | undefined): Compiled {
  const from = node.from ? compiler.compile(node.from, names) : fromDirect(() => null);
  const to = node.to ? compiler.compile(node.to, names) : fromDirect(() => null);
  const bounds: Compiled['code'] = (machine, scope, input, path, next) =>
    forEach(from, machine, scope, input, next, (start) =>
      forEach(to, machine, scope, input, next, (end) => machine.emit(next, sliceKey(start, end), path)),
    );
  const direct: Compiled['direct'] =
    from.direct && to.direct && ((...given) => sliceKey(from.direct!(...given), to.direct!(...given)));
  return accessor(compiler, compiler.compile(node.target, names), { code: bounds, direct }, node.at);
}

const sliceKey = (start: Json, end: Json): Json =>
  objectOf([
    ['start', start],
    ['end', end],
  ]);

/** The key comes first, for each of its results the target: so the target's results vary fastest. */
function accessor(compiler: Compiler, target: Compiled, key: Compiled, at: number): Compiled {
  const { direct } = target;
  return {
    direct:
      direct &&
      key.direct &&
      ((machine, scope, input) => {
        compiler.mark(machine, at);
        machine.budget.step();
        return access(direct(machine, scope, input), key.direct!(machine, scope, input), machine.budget);
      }),
    code: (machine, scope, input, path, next) =>
      forEach(key, machine, scope, input, next, (found) =>
        machine.evaluate(
          target.code,
          scope,
          input,
          path,
          machine.before(next, (value, place) => {
            compiler.mark(machine, at);
            if (place)
              checkPath(
                place,
                value,
                machine.budget,
                `near attempt to access element ${quote(found, machine.budget)} of`,
              );
            const result = access(value, found, machine.budget);
            machine.emit(next, result, extendPath(place, found, result));
          }),
        ),
      ),
  };
}

export function compileIterate(compiler: Compiler, node: NodeOf<'iterate'>, names: Names | undefined): Compiled {
  const target = compiler.compile(node.target, names);
  return {
    code: (machine, scope, input, path, next) =>
      machine.evaluate(
        target.code,
        scope,
        input,
        path,
        machine.before(next, (value, place) => {
          compiler.mark(machine, node.at);
          if (place) checkPath(place, value, machine.budget, 'near attempt to iterate through');
          iterate(machine, value, place, next);
        }),
      ),
  };
}

function iterate(machine: Machine, value: Json, path: Path | undefined, next: Continuation): void {
  if (!isArray(value) && !isObject(value)) throw runtimeError(`Cannot iterate over ${describe(value, machine.budget)}`);
  const keys = isArray(value) ? undefined : Object.keys(value);
  const values = isArray(value) ? value : Object.values(value);
  let index = 0;
  const choice: Choice = {
    retry: () => {
      const current = index;
      if (current >= values.length) return machine.backtrack();
      index += 1;
      if (index < values.length) machine.push(choice);
      const item = values[current] ?? null;
      machine.emit(next, item, path && extendPath(path, keys ? keys[current]! : current, item));
    },
  };
  choice.retry();
}
