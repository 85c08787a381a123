import type { Budget } from '../budget.js';
import type { BinaryOperator, Node } from '../syntax/ast.js';
import { add, divide, multiply, negate, remainder, subtract } from '../values/arithmetic.js';
import { compareJson, equalJson } from '../values/compare.js';
import { isTruthy, type Json } from '../values/json.js';
import { forEach, type Compiled, type Compiler, type Names } from './context.js';

type NodeOf<Kind extends Node['kind']> = Extract<Node, { kind: Kind }>;
export type Operation = (left: Json, right: Json, budget: Budget) => Json;

const OPERATIONS: Readonly<Record<BinaryOperator, Operation>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': remainder,
  '==': equalJson,
  '!=': (left, right, budget) => !equalJson(left, right, budget),
  '<': (left, right, budget) => compareJson(left, right, budget) < 0,
  '<=': (left, right, budget) => compareJson(left, right, budget) <= 0,
  '>': (left, right, budget) => compareJson(left, right, budget) > 0,
  '>=': (left, right, budget) => compareJson(left, right, budget) >= 0,
};

export const operationOf = (operator: BinaryOperator): Operation => OPERATIONS[operator];

/** The right side comes first: with several results on both sides, the left ones vary fastest. */
export function compileBinary(compiler: Compiler, node: NodeOf<'binary'>, names: Names | undefined): Compiled {
  const left = compiler.compile(node.left, names);
  const right = compiler.compile(node.right, names);
  const operation = OPERATIONS[node.operator];
  return {
    direct:
      left.direct &&
      right.direct &&
      ((machine, scope, input) => {
        const second = right.direct!(machine, scope, input);
        const first = left.direct!(machine, scope, input);
        compiler.mark(machine, node.at);
        machine.budget.step();
        return operation(first, second, machine.budget);
      }),
    code: (machine, scope, input, path, next) =>
      forEach(right, machine, scope, input, next, (second) =>
        forEach(left, machine, scope, input, next, (first) => {
          compiler.mark(machine, node.at);
          machine.emit(next, operation(first, second, machine.budget), path);
        }),
      ),
  };
}

export function compileNegate(compiler: Compiler, node: NodeOf<'negate'>, names: Names | undefined): Compiled {
  const body = compiler.compile(node.body, names);
  return {
    direct: body.direct && ((machine, scope, input) => negate(body.direct!(machine, scope, input), machine.budget)),
    code: (machine, scope, input, path, next) =>
      forEach(body, machine, scope, input, next, (value) => {
        compiler.mark(machine, node.at);
        machine.emit(next, negate(value, machine.budget), path);
      }),
  };
}

/** `and` and `or` look at the right side only when the left leaves the answer open. */
export function compileLogic(compiler: Compiler, node: NodeOf<'and' | 'or'>, names: Names | undefined): Compiled {
  const left = compiler.compile(node.left, names);
  const right = compiler.compile(node.right, names);
  const decisive = node.kind === 'or';
  return {
    direct:
      left.direct &&
      right.direct &&
      ((machine, scope, input) =>
        isTruthy(left.direct!(machine, scope, input)) === decisive
          ? decisive
          : isTruthy(right.direct!(machine, scope, input))),
    code: (machine, scope, input, path, next) =>
      forEach(left, machine, scope, input, next, (first) => {
        if (isTruthy(first) === decisive) return machine.emit(next, decisive, path);
        forEach(right, machine, scope, input, next, (second) => machine.emit(next, isTruthy(second), path));
      }),
  };
}
