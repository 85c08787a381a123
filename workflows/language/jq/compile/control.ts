import type { Choice, Scope } from '../machine/machine.js';
import type { Node } from '../syntax/ast.js';
import { isTruthy } from '../values/json.js';
import {
  declare,
  find,
  forEach,
  fromDirect,
  outer,
  slotsOf,
  type Compiled,
  type Compiler,
  type Names,
} from './context.js';

type NodeOf<Kind extends Node['kind']> = Extract<Node, { kind: Kind }>;

/** The right side runs with the continuation of the whole: a call at the end of a pipe is a tail call. */
export function compilePipe(compiler: Compiler, node: NodeOf<'pipe'>, names: Names | undefined): Compiled {
  const left = compiler.compile(node.left, names);
  const right = compiler.compile(node.right, names);
  return {
    direct:
      left.direct &&
      right.direct &&
      ((machine, scope, input) => right.direct!(machine, scope, left.direct!(machine, scope, input))),
    code: (machine, scope, input, path, next) =>
      machine.evaluate(
        left.code,
        scope,
        input,
        path,
        machine.before(next, (value, place) => machine.evaluate(right.code, scope, value, place, next)),
      ),
  };
}

export function compileComma(compiler: Compiler, node: NodeOf<'comma'>, names: Names | undefined): Compiled {
  const left = compiler.compile(node.left, names).code;
  const right = compiler.compile(node.right, names).code;
  return {
    code: (machine, scope, input, path, next) => {
      machine.push({ retry: () => machine.evaluate(right, scope, input, path, next) });
      machine.evaluate(left, scope, input, path, next);
    },
  };
}

export function compileIf(compiler: Compiler, node: NodeOf<'if'>, names: Names | undefined): Compiled {
  const condition = compiler.compile(node.condition, names);
  const yes = compiler.compile(node.yes, names);
  const no = node.no ? compiler.compile(node.no, names) : fromDirect((_machine, _scope, input) => input);
  return {
    direct:
      condition.direct &&
      yes.direct &&
      no.direct &&
      ((machine, scope, input) =>
        (isTruthy(condition.direct!(machine, scope, input)) ? yes : no).direct!(machine, scope, input)),
    code: (machine, scope, input, path, next) =>
      forEach(condition, machine, scope, input, next, (holds) =>
        machine.evaluate((isTruthy(holds) ? yes : no).code, scope, input, path, next),
      ),
  };
}

/** All true results of the left side or, if there is none, the right side. */
export function compileAlternative(
  compiler: Compiler,
  node: NodeOf<'alternative'>,
  names: Names | undefined,
): Compiled {
  const left = compiler.compile(node.left, names).code;
  const right = compiler.compile(node.right, names).code;
  return {
    code: (machine, scope, input, path, next) => {
      let found = false;
      machine.push({
        retry: () => (found ? machine.backtrack() : machine.evaluate(right, scope, input, path, next)),
      });
      machine.evaluate(
        left,
        scope,
        input,
        path,
        machine.before(next, (value, place) => {
          if (!isTruthy(value)) return machine.backtrack();
          found = true;
          machine.emit(next, value, place);
        }),
      );
    },
  };
}

/** Catches what the body raises, not what is raised later by those who got its results. */
export function compileTry(compiler: Compiler, node: NodeOf<'try'>, names: Names | undefined): Compiled {
  const body = compiler.compile(node.body, names).code;
  const handler = node.handler && compiler.compile(node.handler, names).code;
  return {
    code: (machine, scope, input, path, next) => {
      const attempt: Choice = {
        retry: () => machine.backtrack(),
        catch: (error) => (handler ? machine.evaluate(handler, scope, error.value, path, next) : machine.backtrack()),
      };
      const exit: Choice = { retry: () => machine.backtrack(), outside: attempt };
      machine.push(attempt);
      machine.evaluate(
        body,
        scope,
        input,
        path,
        machine.before(next, (value, place) => {
          if (!machine.popIfLast(attempt)) machine.push(exit);
          machine.emit(next, value, place);
        }),
      );
    },
  };
}

export function compileLabel(compiler: Compiler, node: NodeOf<'label'>, names: Names | undefined): Compiled {
  const body = compiler.compile(node.body, declare(names, { kind: 'label', name: node.name })).code;
  return {
    code: (machine, scope, input, path, next) => {
      const label: Choice = { retry: () => machine.backtrack() };
      machine.push(label);
      machine.evaluate(body, { parent: scope, slot: label }, input, path, next);
    },
  };
}

export function compileBreak(compiler: Compiler, node: NodeOf<'break'>, names: Names | undefined): Compiled {
  const found = find(names, (entry) => entry.kind === 'label' && entry.name === node.name);
  if (!found) throw compiler.fail(`$*label-${node.name} is not defined`, node.at);
  const hops = slotsOf(names) - found.slots;
  return {
    code: (machine, scope) => {
      machine.cut(labelIn(scope, hops));
      machine.backtrack();
    },
  };
}

const labelIn = (scope: Scope | undefined, hops: number): Choice => outer(scope, hops)?.slot as Choice;
