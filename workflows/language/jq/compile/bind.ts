import type { Choice, Continuation, Machine, Scope } from '../machine/machine.js';
import type { Path } from '../machine/path.js';
import type { Node, Pattern } from '../syntax/ast.js';
import { access } from '../values/access.js';
import type { Json } from '../values/json.js';
import { declare, forEach, type Compiled, type Compiler, type Names } from './context.js';

type NodeOf<Kind extends Node['kind']> = Extract<Node, { kind: Kind }>;
type Values = readonly Json[];

/** Takes `value` apart and hands on the variables' values, once per result of a computed key. */
type Matcher = (run: Run, value: Json, values: Values, done: (values: Values) => void) => void;

interface Run {
  readonly machine: Machine;
  readonly scope: Scope | undefined;
  readonly input: Json;
  readonly next: Continuation;
}

/** Binds the variables of one pattern, or of the first alternative whose body ends without an error. */
export interface Binder {
  readonly names: Names | undefined;
  readonly bind: (run: Run, value: Json, path: Path | undefined, body: (scope: Scope | undefined) => void) => void;
}

export function compileBind(compiler: Compiler, node: NodeOf<'bind'>, names: Names | undefined): Compiled {
  const source = compiler.compile(node.source, names);
  const binder = compilePatterns(compiler, node.patterns, names);
  const body = compiler.compile(node.body, binder.names).code;
  return {
    code: (machine, scope, input, path, next) =>
      forEach(source, machine, scope, input, next, (value) =>
        binder.bind({ machine, scope, input, next }, value, path, (inner) =>
          machine.evaluate(body, inner, input, path, next),
        ),
      ),
  };
}

/** Every variable of every alternative is in sight in the body; those of the others are null. */
export function compilePatterns(compiler: Compiler, patterns: readonly Pattern[], names: Names | undefined): Binder {
  const variables = [...new Set(patterns.flatMap(variablesOf))];
  const nothing: Values = variables.map(() => null);
  const matchers = patterns.map((pattern) => compilePattern(compiler, pattern, names, variables));
  const attempt = (index: number, run: Run, value: Json, body: (scope: Scope | undefined) => void): void => {
    const { machine } = run;
    if (index < matchers.length - 1) {
      const choice: Choice = {
        retry: () => machine.backtrack(),
        // Called while the machine unwinds, where nothing may be thrown: the next pattern starts as a step.
        catch: () =>
          machine.emit(
            machine.before(run.next, () => attempt(index + 1, run, value, body)),
            null,
            undefined,
          ),
      };
      machine.push(choice);
    }
    matchers[index]!(run, value, nothing, (values) =>
      body(values.reduce<Scope | undefined>((parent, slot) => ({ parent, slot }), run.scope)),
    );
  };
  return {
    names: variables.reduce<Names | undefined>((known, name) => declare(known, { kind: 'variable', name }), names),
    bind: (run, value, _path, body) => attempt(0, run, value, body),
  };
}

function variablesOf(pattern: Pattern): string[] {
  if (pattern.kind === 'variable') return [pattern.name];
  if (pattern.kind === 'array') return pattern.items.flatMap(variablesOf);
  return pattern.entries.flatMap(({ variable, value }) => [
    ...(variable === undefined ? [] : [variable]),
    ...(value ? variablesOf(value) : []),
  ]);
}

function compilePattern(
  compiler: Compiler,
  pattern: Pattern,
  names: Names | undefined,
  variables: readonly string[],
): Matcher {
  if (pattern.kind === 'variable') return storing(variables.indexOf(pattern.name));
  if (pattern.kind === 'array')
    return sequence(
      pattern.items.map((item, index) => {
        const inner = compilePattern(compiler, item, names, variables);
        return (run, value, values, done) => inner(run, access(value, index, run.machine.budget), values, done);
      }),
    );
  return sequence(
    pattern.entries.map((entry) => {
      const key = compiler.compile(entry.key, names);
      const parts: Matcher[] = [];
      if (entry.variable !== undefined) parts.push(storing(variables.indexOf(entry.variable)));
      if (entry.value) parts.push(compilePattern(compiler, entry.value, names, variables));
      const inner = sequence(parts);
      return (run, value, values, done) =>
        forEach(key, run.machine, run.scope, run.input, run.next, (found) =>
          inner(run, access(value, found, run.machine.budget), values, done),
        );
    }),
  );
}

const storing =
  (index: number): Matcher =>
  (_run, value, values, done) =>
    done(values.with(index, value));

function sequence(matchers: readonly Matcher[]): Matcher {
  const from = (index: number, run: Run, value: Json, values: Values, done: (values: Values) => void): void => {
    const matcher = matchers[index];
    if (!matcher) return done(values);
    matcher(run, value, values, (more) => from(index + 1, run, value, more, done));
  };
  return (run, value, values, done) => from(0, run, value, values, done);
}
