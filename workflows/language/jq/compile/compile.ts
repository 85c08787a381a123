import { JqError, syntaxError } from '../jq-error.js';
import { PRELUDE } from '../functions/prelude.js';
import type { Definition, Node } from '../syntax/ast.js';
import { parseDefinition } from '../syntax/parser.js';
import { compileIndex, compileIterate, compileSlice } from './access.js';
import { compileAssign } from './assign.js';
import { compileBind } from './bind.js';
import { compileCall } from './call.js';
import { compileArray, compileFormat, compileObject, compileString } from './construct.js';
import {
  declare,
  find,
  fromDirect,
  outer,
  slotsOf,
  type Compiled,
  type Compiler,
  type FunctionBody,
  type Names,
} from './context.js';
import {
  compileAlternative,
  compileBreak,
  compileComma,
  compileIf,
  compileLabel,
  compilePipe,
  compileTry,
} from './control.js';
import { compileFold } from './fold.js';
import { compileBinary, compileLogic, compileNegate } from './operators.js';
import type { Json } from '../values/json.js';

/** Each level of a program is a few frames of call stack here and in direct filters. */
const NESTING = 1_000;

/** Compiles a parsed program; `variables` are its global variables, outermost first. */
export function compileProgram(program: Node, text: string, variables: readonly string[]): Compiled {
  const names = variables.reduce<Names | undefined>(
    (known, name) => declare(known, { kind: 'variable', name }),
    undefined,
  );
  return createCompiler(text, new Map()).compile(program, names);
}

/** Without `text` it compiles the library, whose offsets mean nothing to the author of a program. */
function createCompiler(text: string | undefined, library: Map<string, FunctionBody>): Compiler {
  let depth = 0;
  const compiler: Compiler = {
    compile: (node, names) => {
      depth += 1;
      if (depth > NESTING)
        throw new JqError('limit', 'depth limit: the program is nested too deeply', { limit: 'depth' });
      const compiled = compileNode(compiler, node, names);
      depth -= 1;
      return compiled;
    },
    define: (definition, names) => define(compiler, definition, names),
    library: (name, arity) => libraryFunction(library, `${name}/${arity}`),
    mark: text === undefined ? () => undefined : (machine, at) => (machine.at = at),
    fail: (message, at) => syntaxError(message, text ?? '', at),
  };
  return compiler;
}

function compileNode(compiler: Compiler, node: Node, names: Names | undefined): Compiled {
  switch (node.kind) {
    case 'identity':
      return fromDirect((_machine, _scope, input) => input);
    case 'literal':
      return fromDirect(() => node.value);
    case 'variable':
      return compileVariable(compiler, node.name, node.at, names);
    case 'string':
      return compileString(compiler, node, names);
    case 'format':
      return compileFormat(compiler, node);
    case 'index':
      return compileIndex(compiler, node, names);
    case 'slice':
      return compileSlice(compiler, node, names);
    case 'iterate':
      return compileIterate(compiler, node, names);
    case 'array':
      return compileArray(compiler, node, names);
    case 'object':
      return compileObject(compiler, node, names);
    case 'negate':
      return compileNegate(compiler, node, names);
    case 'binary':
      return compileBinary(compiler, node, names);
    case 'and':
    case 'or':
      return compileLogic(compiler, node, names);
    case 'pipe':
      return compilePipe(compiler, node, names);
    case 'comma':
      return compileComma(compiler, node, names);
    case 'alternative':
      return compileAlternative(compiler, node, names);
    case 'if':
      return compileIf(compiler, node, names);
    case 'try':
      return compileTry(compiler, node, names);
    case 'label':
      return compileLabel(compiler, node, names);
    case 'break':
      return compileBreak(compiler, node, names);
    case 'assign':
      return compileAssign(compiler, node, names);
    case 'reduce':
    case 'foreach':
      return compileFold(compiler, node, names);
    case 'bind':
      return compileBind(compiler, node, names);
    case 'define':
      return compiler.compile(node.body, compiler.define(node.definition, names));
    case 'call':
      return compileCall(compiler, node, names);
  }
}

function compileVariable(compiler: Compiler, name: string, at: number, names: Names | undefined): Compiled {
  const found = find(names, (entry) => entry.kind === 'variable' && entry.name === name);
  if (!found)
    throw compiler.fail(
      name === 'ENV' ? '$ENV is not supported: a workflow has no environment' : `$${name} is not defined`,
      at,
    );
  const hops = slotsOf(names) - found.slots;
  return fromDirect((_machine, scope) => outer(scope, hops)?.slot as Json);
}

function define(compiler: Compiler, definition: Definition, names: Names | undefined): Names {
  const body: FunctionBody = { code: undefined };
  const { name, parameters } = definition;
  const known = declare(names, { kind: 'function', name, arity: parameters.length, body });
  const filters = parameters.map((parameter) => parameter.replace('$', ''));
  const inner = filters.reduce((all, filter) => declare(all, { kind: 'filter', name: filter }), known);
  // A `$value` parameter is a filter whose results are bound to the variable, the first one outermost.
  const bound = parameters.reduceRight<Node>((node, parameter) => {
    if (!parameter.startsWith('$')) return node;
    const variable = parameter.slice(1);
    const source: Node = { kind: 'call', name: variable, arguments: [], at: node.at };
    return { kind: 'bind', source, patterns: [{ kind: 'variable', name: variable }], body: node, at: node.at };
  }, definition.body);
  body.code = compiler.compile(bound, inner).code;
  return known;
}

function libraryFunction(library: Map<string, FunctionBody>, signature: string): FunctionBody | undefined {
  const known = library.get(signature);
  const text = Object.hasOwn(PRELUDE, signature) ? PRELUDE[signature] : undefined;
  if (known || text === undefined) return known;
  // Registered before it is compiled, so that library functions may call each other.
  const body: FunctionBody = { code: undefined };
  library.set(signature, body);
  const { entry } = createCompiler(undefined, library).define(parseDefinition(text), undefined);
  if (entry.kind === 'function') body.code = entry.body.code;
  return body;
}
