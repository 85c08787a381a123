import type { Node, ObjectEntry } from './ast.js';
import type { Parser } from './parser.js';
import { parsePatterns } from './parse-pattern.js';
import { parseString } from './parse-string.js';
import { positionOf } from '../jq-error.js';
import type { Json } from '../values/json.js';

/** A term with its suffixes: `.a`, `[…]`, `."…"` and `?`, as many as there are. */
export function parseTerm(parser: Parser): Node {
  let term = parsePrimary(parser);
  for (;;) {
    const { start, type, text } = parser.peek();
    if (type === 'field') {
      parser.take();
      term = { kind: 'index', target: term, key: { kind: 'literal', value: text, at: start }, at: start };
    } else if (type === 'operator' && text === '.') {
      parser.take();
      term = parser.isNext('operator', '[') ? parseBrackets(parser, term) : indexByString(parser, term, start);
    } else if (type === 'operator' && text === '[') term = parseBrackets(parser, term);
    else if (parser.accept('operator', '?')) term = { kind: 'try', body: term, at: start };
    else return term;
  }
}

function indexByString(parser: Parser, target: Node, at: number): Node {
  return { kind: 'index', target, key: parseString(parser), at };
}

function parseBrackets(parser: Parser, target: Node): Node {
  const at = parser.expect('operator', '[').start;
  if (parser.accept('operator', ']')) return { kind: 'iterate', target, at };
  if (parser.accept('operator', ':')) {
    const to = parser.pipe();
    parser.expect('operator', ']');
    return { kind: 'slice', target, to, at };
  }
  const key = parser.pipe();
  if (!parser.accept('operator', ':')) {
    parser.expect('operator', ']');
    return { kind: 'index', target, key, at };
  }
  const to = parser.isNext('operator', ']') ? undefined : parser.pipe();
  parser.expect('operator', ']');
  return { kind: 'slice', target, from: key, to, at };
}

function parsePrimary(parser: Parser): Node {
  const { type, text, start: at } = parser.peek();
  switch (type) {
    case 'number':
      parser.take();
      return { kind: 'literal', value: Number(text), at };
    case 'string-start':
      return parseString(parser);
    case 'format':
      parser.take();
      return parser.isNext('string-start') ? parseString(parser, text) : { kind: 'format', name: text, at };
    case 'field':
      parser.take();
      return { kind: 'index', target: { kind: 'identity', at }, key: { kind: 'literal', value: text, at }, at };
    case 'variable':
      parser.take();
      return text === '__loc__' ? location(parser, at) : { kind: 'variable', name: text, at };
    case 'identifier':
      return parseCall(parser);
    case 'keyword':
      return parseKeyword(parser);
    case 'operator':
      return parseOperator(parser);
    default:
      throw parser.unexpected();
  }
}

function location(parser: Parser, at: number): Node {
  const value: Json = { file: '<top-level>', line: positionOf(parser.text, at).line };
  return { kind: 'literal', value, at };
}

function parseOperator(parser: Parser): Node {
  const { text, start: at } = parser.take();
  switch (text) {
    case '.':
      if (parser.isNext('string-start')) return indexByString(parser, { kind: 'identity', at }, at);
      return { kind: 'identity', at };
    case '..':
      return { kind: 'call', name: 'recurse', arguments: [], at };
    case '(': {
      const body = parser.pipe();
      parser.expect('operator', ')');
      return body;
    }
    case '[': {
      const body = parser.isNext('operator', ']') ? undefined : parser.pipe();
      parser.expect('operator', ']');
      return { kind: 'array', body, at };
    }
    case '{':
      return { kind: 'object', entries: parseEntries(parser), at };
    default:
      throw parser.failAt(`syntax error: unexpected ${text}`, at);
  }
}

function parseCall(parser: Parser): Node {
  const { text: name, start: at } = parser.take();
  if (name === 'break') return { kind: 'break', name: parser.expect('variable').text, at };
  const parameters: Node[] = [];
  if (parser.accept('operator', '(')) {
    do parameters.push(parser.pipe());
    while (parser.accept('operator', ';'));
    parser.expect('operator', ')');
  }
  return { kind: 'call', name, arguments: parameters, at };
}

function parseKeyword(parser: Parser): Node {
  const { text, start: at } = parser.peek();
  switch (text) {
    case 'if':
      parser.take();
      return parseIf(parser, at);
    case 'try': {
      parser.take();
      const body = parseSigned(parser);
      return { kind: 'try', body, handler: parser.accept('keyword', 'catch') && parseSigned(parser), at };
    }
    case 'reduce':
    case 'foreach':
      parser.take();
      return parseFold(parser, text, at);
    default:
      throw parser.unexpected();
  }
}

/** A term, or one that is negated: a minus binds closer than any operator between terms. */
export function parseSigned(parser: Parser): Node {
  const minus = parser.accept('operator', '-');
  if (!minus) return parseTerm(parser);
  return { kind: 'negate', body: parser.nested(() => parseSigned(parser)), at: minus.start };
}

function parseIf(parser: Parser, at: number): Node {
  const condition = parser.pipe();
  parser.expect('keyword', 'then');
  const yes = parser.pipe();
  const next = parser.peek().start;
  if (parser.accept('keyword', 'elif'))
    return { kind: 'if', condition, yes, no: parser.nested(() => parseIf(parser, next)), at };
  const no = parser.accept('keyword', 'else') && parser.pipe();
  parser.expect('keyword', 'end');
  return { kind: 'if', condition, yes, no, at };
}

function parseFold(parser: Parser, kind: 'reduce' | 'foreach', at: number): Node {
  const source = parseSigned(parser);
  parser.expect('keyword', 'as');
  const patterns = parsePatterns(parser);
  parser.expect('operator', '(');
  const start = parser.pipe();
  parser.expect('operator', ';');
  const update = parser.pipe();
  const extract = kind === 'foreach' && parser.accept('operator', ';') ? parser.pipe() : undefined;
  parser.expect('operator', ')');
  return kind === 'reduce'
    ? { kind, source, patterns, start, update, at }
    : { kind, source, patterns, start, update, extract, at };
}

function parseEntries(parser: Parser): ObjectEntry[] {
  const entries: ObjectEntry[] = [];
  if (parser.accept('operator', '}')) return entries;
  do {
    // A trailing comma is an error in jq; an empty object is not.
    entries.push(parseEntry(parser));
  } while (parser.accept('operator', ','));
  parser.expect('operator', '}');
  return entries;
}

function parseEntry(parser: Parser): ObjectEntry {
  const { type, text, start: at } = parser.peek();
  if (type === 'variable') {
    parser.take();
    const value: Node = text === '__loc__' ? location(parser, at) : { kind: 'variable', name: text, at };
    return { key: { kind: 'literal', value: text, at }, value };
  }
  const key = parseEntryKey(parser);
  const needsValue = type === 'operator';
  if (parser.accept('operator', ':')) return { key, value: parser.pipe(false) };
  if (needsValue || type === 'number') throw parser.unexpected(':');
  return { key, value: { kind: 'index', target: { kind: 'identity', at }, key, at } };
}

function parseEntryKey(parser: Parser): Node {
  const { type, text, start: at } = parser.peek();
  if (type === 'identifier' || type === 'keyword') {
    parser.take();
    return { kind: 'literal', value: text, at };
  }
  if (type === 'format') {
    parser.take();
    return parseString(parser, text);
  }
  if (type === 'string-start') return parseString(parser);
  if (parser.accept('operator', '(')) {
    const key = parser.pipe();
    parser.expect('operator', ')');
    return key;
  }
  throw parser.unexpected('an object key');
}
