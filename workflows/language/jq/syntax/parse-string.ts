import type { Node } from './ast.js';
import type { Parser } from './parser.js';

/** A string literal; `format` is applied to what is interpolated. */
export function parseString(parser: Parser, format?: string): Node {
  const at = parser.expect('string-start').start;
  const parts: (string | Node)[] = [];
  while (!parser.accept('string-end')) {
    const text = parser.accept('string-text');
    if (text) parts.push(text.text);
    else {
      parser.expect('interpolation-start');
      parts.push(parser.pipe());
      parser.expect('interpolation-end');
    }
  }
  const [only = ''] = parts;
  if (parts.length <= 1 && typeof only === 'string') return { kind: 'literal', value: only, at };
  return { kind: 'string', format, parts, at };
}
