import type { Node } from '../syntax/ast.js';
import type { Json } from '../values/json.js';
import { compilePatterns } from './bind.js';
import type { Compiled, Compiler, Names } from './context.js';

type NodeOf<Kind extends Node['kind']> = Extract<Node, { kind: Kind }>;

/**
 * `reduce` and `foreach`: the state starts with each result of `start` and is replaced by each
 * result of `update`; an update without result leaves null. `reduce` gives the last state,
 * `foreach` every one. Paths pass through source, update and extract, so that `limit` may stand
 * on the left of an assignment.
 */
export function compileFold(
  compiler: Compiler,
  node: NodeOf<'reduce' | 'foreach'>,
  names: Names | undefined,
): Compiled {
  const source = compiler.compile(node.source, names).code;
  const start = compiler.compile(node.start, names).code;
  const binder = compilePatterns(compiler, node.patterns, names);
  const update = compiler.compile(node.update, binder.names).code;
  const extract =
    node.kind === 'foreach' && node.extract ? compiler.compile(node.extract, binder.names).code : undefined;
  const everyState = node.kind === 'foreach';
  return {
    code: (machine, scope, input, path, next) => {
      const fold = machine.before(next, (first, place) => {
        let state: Json = first;
        machine.push({ retry: () => (everyState ? machine.backtrack() : machine.emit(next, state, place)) });
        const each = machine.before(next, (item, itemPath) =>
          binder.bind({ machine, scope, input, next }, item, itemPath, (inner) => {
            const current = state;
            state = null;
            const keep = machine.before(next, (value, valuePath) => {
              state = value;
              if (!everyState) return machine.backtrack();
              if (extract) machine.evaluate(extract, inner, value, valuePath, next);
              else machine.emit(next, value, valuePath);
            });
            machine.evaluate(update, inner, current, itemPath, keep);
          }),
        );
        machine.evaluate(source, scope, input, place, each);
      });
      machine.evaluate(start, scope, input, path, fold);
    },
  };
}
