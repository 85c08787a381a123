import { runtimeError } from '../jq-error.js';
import type { Budget } from '../budget.js';
import type { Continuation, Machine, Scope } from '../machine/machine.js';
import { format, isFormat } from '../functions/formats.js';
import type { Node } from '../syntax/ast.js';
import { add } from '../values/arithmetic.js';
import { describe } from '../values/describe.js';
import { copyObject, emptyObject, type Json, type JsonObject } from '../values/json.js';
import { forEach, fromDirect, type Compiled, type Compiler, type Names } from './context.js';

type NodeOf<Kind extends Node['kind']> = Extract<Node, { kind: Kind }>;

/** Collects every result of the body. */
export function compileArray(compiler: Compiler, node: NodeOf<'array'>, names: Names | undefined): Compiled {
  if (!node.body) return fromDirect(() => []);
  const body = compiler.compile(node.body, names);
  return {
    direct: body.direct && ((machine, scope, input) => [body.direct!(machine, scope, input)]),
    code: (machine, scope, input, path, next) => {
      const items: Json[] = [];
      machine.push({ retry: () => machine.emit(next, items, path) });
      forEach(body, machine, scope, input, next, (value) => {
        if (items.length >= machine.budget.bytes) machine.budget.allocate(items.length);
        items.push(value);
        machine.backtrack();
      });
    },
  };
}

/** One object for each combination of results; those of the last entry vary fastest. */
export function compileObject(compiler: Compiler, node: NodeOf<'object'>, names: Names | undefined): Compiled {
  const entries = node.entries.map(({ key, value }) => {
    if (key.kind === 'literal' && typeof key.value !== 'string')
      throw compiler.fail(`Cannot use ${typeof key.value} as object key`, key.at);
    return { key: compiler.compile(key, names), value: compiler.compile(value, names), at: key.at };
  });
  const collect = (
    index: number,
    object: JsonObject,
    machine: Machine,
    scope: Scope | undefined,
    input: Json,
    next: Continuation,
    done: (object: JsonObject) => void,
  ): void => {
    const entry = entries[index];
    if (!entry) return done(object);
    forEach(entry.key, machine, scope, input, next, (key) =>
      forEach(entry.value, machine, scope, input, next, (value) => {
        compiler.mark(machine, entry.at);
        const copy = copyObject(object);
        copy[keyText(key, machine.budget)] = value;
        collect(index + 1, copy, machine, scope, input, next, done);
      }),
    );
  };
  return {
    direct: entries.every(({ key, value }) => key.direct && value.direct)
      ? (machine, scope, input) => {
          machine.budget.step();
          const object = emptyObject();
          for (const { key, value } of entries)
            object[keyText(key.direct!(machine, scope, input), machine.budget)] = value.direct!(machine, scope, input);
          return object;
        }
      : undefined,
    code: (machine, scope, input, path, next) =>
      collect(0, emptyObject(), machine, scope, input, next, (object) => machine.emit(next, object, path)),
  };
}

function keyText(key: Json, budget: Budget): string {
  if (typeof key === 'string') return key;
  throw runtimeError(`Cannot use ${describe(key, budget)} as object key`);
}

/** Results of the last interpolation are the outer loop, as in a sum of the parts. */
export function compileString(compiler: Compiler, node: NodeOf<'string'>, names: Names | undefined): Compiled {
  const { format: name = 'text' } = node;
  if (!isFormat(name)) throw compiler.fail(`${name} is not a valid format`, node.at);
  const parts = node.parts.map((part) => (typeof part === 'string' ? part : compiler.compile(part, names)));
  const collect = (
    index: number,
    text: string,
    machine: Machine,
    scope: Scope | undefined,
    input: Json,
    next: Continuation,
    done: (text: string) => void,
  ): void => {
    const part = parts[index];
    if (part === undefined) return done(text);
    const prepend = (piece: string): void =>
      collect(index - 1, add(piece, text, machine.budget) as string, machine, scope, input, next, done);
    if (typeof part === 'string') return prepend(part);
    forEach(part, machine, scope, input, next, (value) => {
      compiler.mark(machine, node.at);
      prepend(format(name, value, machine.budget));
    });
  };
  return {
    code: (machine, scope, input, path, next) =>
      collect(parts.length - 1, '', machine, scope, input, next, (text) => machine.emit(next, text, path)),
  };
}

export function compileFormat(compiler: Compiler, node: NodeOf<'format'>): Compiled {
  if (!isFormat(node.name)) throw compiler.fail(`${node.name} is not a valid format`, node.at);
  return fromDirect((machine, _scope, input) => {
    compiler.mark(machine, node.at);
    return format(node.name, input, machine.budget);
  });
}
