import { JqError } from './jq-error.js';
import { tokenize } from './syntax/lexer.js';

export interface TemplatePart {
  kind: 'text' | 'program';
  text: string;
}

/**
 * The pieces of a text in which `${ }` holds jq, in order. Throws a JqError for a program that jq's lexer refuses or
 * that is not closed; whether it compiles is not asked.
 */
export function splitTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let from = 0;
  for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', from)) {
    if (at > from) parts.push({ kind: 'text', text: text.slice(from, at) });
    const end = findExpressionEnd(text, at + 2);
    if (end === undefined) throw new JqError('syntax', 'the expression is not closed: `${` needs a `}`');
    parts.push({ kind: 'program', text: text.slice(at + 2, end) });
    from = end + 1;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}

/** The program of a field that is jq with or without `${ }`. Throws like `splitTemplate`. */
export function bareProgram(text: string): string {
  const trimmed = text.trim();
  const [only, ...others] = trimmed.startsWith('${') ? splitTemplate(trimmed) : [];
  return only?.kind === 'program' && others.length === 0 ? only.text : text;
}

/**
 * Where an expression that stands in `${ }` ends: the offset of its closing brace, or undefined
 * when there is none. `start` is the offset behind the `${`. Braces in strings and objects do not count.
 */
export function findExpressionEnd(text: string, start: number): number | undefined {
  const end = tokenize(text, start, true).at(-1)?.end ?? text.length;
  return end < text.length ? end : undefined;
}
