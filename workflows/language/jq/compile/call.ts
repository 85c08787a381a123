import type { Closure, Continuation, Machine, Scope } from '../machine/machine.js';
import { NATIVES } from '../functions/natives.js';
import { UNSUPPORTED } from '../functions/unsupported.js';
import type { Node } from '../syntax/ast.js';
import type { Json } from '../values/json.js';
import {
  find,
  forEach,
  fromDirect,
  outer,
  slotsOf,
  type Compiled,
  type Compiler,
  type FunctionBody,
  type Names,
  type Native,
} from './context.js';
import { SPECIAL_FORMS } from './special-forms.js';

type Call = Extract<Node, { kind: 'call' }>;

/** A name means, in this order: what the program defines, a special form, a native function, one written in jq. */
export function compileCall(compiler: Compiler, node: Call, names: Names | undefined): Compiled {
  const { name, arguments: parameters } = node;
  const signature = `${name}/${parameters.length}`;
  const found = find(
    names,
    (entry) =>
      (entry.kind === 'function' && entry.name === name && entry.arity === parameters.length) ||
      (entry.kind === 'filter' && entry.name === name && parameters.length === 0),
  );
  const hops = slotsOf(names) - slotsOf(found);
  if (found?.entry.kind === 'function') return callFunction(compiler, node, names, found.entry.body, hops);
  if (found) return callFilter(hops);
  const form = own(SPECIAL_FORMS, signature);
  if (form)
    return form(
      compiler,
      node,
      parameters.map((parameter) => compiler.compile(parameter, names)),
    );
  const native = own(NATIVES, signature);
  if (native) return callNative(compiler, node, names, native);
  const library = compiler.library(name, parameters.length);
  if (library) return callFunction(compiler, node, names, library, slotsOf(names));
  const reason = own(UNSUPPORTED, name);
  throw compiler.fail(reason ? `${signature} is not supported: ${reason}` : `${signature} is not defined`, node.at);
}

const own = <Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

function callFilter(hops: number): Compiled {
  return {
    code: (machine, scope, input, path, next) => {
      const filter = outer(scope, hops)?.slot as Closure;
      machine.evaluate(filter.code, filter.scope, input, path, next);
    },
  };
}

/** The body runs in the scope of its definition, `hops` slots further out, and in place of the call: tail calls are free. */
function callFunction(
  compiler: Compiler,
  node: Call,
  names: Names | undefined,
  body: FunctionBody,
  hops: number,
): Compiled {
  const closures = node.arguments.map((parameter) => closureOf(compiler, parameter, names));
  return {
    code: (machine, scope, input, path, next) => {
      let inner = outer(scope, hops);
      for (const close of closures) inner = { parent: inner, slot: close(scope) };
      machine.evaluate(body.code!, inner, input, path, next);
    },
  };
}

/** A parameter that is merely handed on keeps its own scope, so that recursion does not pile scopes up. */
function closureOf(compiler: Compiler, node: Node, names: Names | undefined): (scope: Scope | undefined) => Closure {
  const handedOn =
    node.kind === 'call' && node.arguments.length === 0
      ? find(
          names,
          (entry) =>
            (entry.kind === 'filter' || (entry.kind === 'function' && entry.arity === 0)) && entry.name === node.name,
        )
      : undefined;
  if (handedOn?.entry.kind === 'filter') {
    const hops = slotsOf(names) - handedOn.slots;
    return (scope) => outer(scope, hops)?.slot as Closure;
  }
  const { code } = compiler.compile(node, names);
  return (scope) => ({ code, scope });
}

/** Arguments with several results give one call each; those of the first argument vary fastest. */
function callNative(compiler: Compiler, node: Call, names: Names | undefined, native: Native): Compiled {
  const parameters = node.arguments.map((parameter) => compiler.compile(parameter, names));
  const call = (machine: Machine, input: Json, values: readonly Json[]): Json => {
    compiler.mark(machine, node.at);
    machine.budget.step();
    return native(machine.budget, input, ...values);
  };
  if (parameters.every(({ direct }) => direct))
    return fromDirect((machine, scope, input) =>
      call(
        machine,
        input,
        parameters.map(({ direct }) => direct!(machine, scope, input)),
      ),
    );
  const collect = (
    index: number,
    values: readonly Json[],
    machine: Machine,
    scope: Scope | undefined,
    input: Json,
    next: Continuation,
    done: (values: readonly Json[]) => void,
  ): void => {
    const parameter = parameters[index];
    if (!parameter) return done(values);
    forEach(parameter, machine, scope, input, next, (value) =>
      collect(index - 1, [value, ...values], machine, scope, input, next, done),
    );
  };
  return {
    code: (machine, scope, input, path, next) =>
      collect(parameters.length - 1, [], machine, scope, input, next, (values) =>
        machine.emit(next, call(machine, input, values), path),
      ),
  };
}
