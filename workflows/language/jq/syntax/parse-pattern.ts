import type { Node, Pattern, PatternEntry } from './ast.js';
import type { Parser } from './parser.js';
import { parseString } from './parse-string.js';

/** One or more patterns, divided by `?//`. */
export function parsePatterns(parser: Parser): Pattern[] {
  const patterns = [parsePattern(parser)];
  while (parser.accept('operator', '?//')) patterns.push(parsePattern(parser));
  return patterns;
}

function parsePattern(parser: Parser): Pattern {
  const variable = parser.accept('variable');
  if (variable) return { kind: 'variable', name: variable.text };
  if (parser.accept('operator', '[')) return { kind: 'array', items: parseList(parser, ']', parsePattern) };
  if (parser.accept('operator', '{')) return { kind: 'object', entries: parseList(parser, '}', parseEntry) };
  throw parser.unexpected('$name, [ or {');
}

function parseList<Item>(parser: Parser, close: string, parseItem: (parser: Parser) => Item): Item[] {
  const items: Item[] = [];
  do items.push(parseItem(parser));
  while (parser.accept('operator', ','));
  parser.expect('operator', close);
  return items;
}

function parseEntry(parser: Parser): PatternEntry {
  const { start, type, text } = parser.peek();
  if (type === 'variable') {
    parser.take();
    const key: Node = { kind: 'literal', value: text, at: start };
    return { key, variable: text, value: parser.accept('operator', ':') && parsePattern(parser) };
  }
  const key = parseKey(parser);
  parser.expect('operator', ':');
  return { key, value: parsePattern(parser) };
}

function parseKey(parser: Parser): Node {
  const { start, type, text } = parser.peek();
  if (type === 'identifier' || type === 'keyword') {
    parser.take();
    return { kind: 'literal', value: text, at: start };
  }
  if (parser.accept('operator', '(')) {
    const key = parser.pipe();
    parser.expect('operator', ')');
    return key;
  }
  return parseString(parser);
}
