import type { Json } from '../../contracts/json.js';
import { findExpressionEnd } from '../language/jq/index.js';

/**
 * One jq program that builds a template: `${ … }` in its strings is jq, alone keeping its JSON type, inside text
 * becoming text. Keys are left as they are. Undefined when nothing in the template is an expression.
 */
export function templateProgram(template: Json): string | undefined {
  return hasExpression(template) ? build(template) : undefined;
}

/** The program of a field that is jq with or without `${ }`. */
export function bareProgram(text: string): string {
  const trimmed = text.trim();
  const [only, ...others] = trimmed.startsWith('${') ? split(trimmed) : [];
  return only?.kind === 'program' && others.length === 0 ? only.text : text;
}

function hasExpression(template: Json): boolean {
  if (typeof template === 'string') return template.includes('${');
  if (template === null || typeof template !== 'object') return false;
  return Object.values(template).some(hasExpression);
}

function build(template: Json): string {
  if (typeof template === 'string') return buildText(template);
  if (template === null || typeof template !== 'object') return JSON.stringify(template);
  if (Array.isArray(template)) return `[${template.map((part) => `(${build(part)})`).join(', ')}]`;
  const fields = Object.entries(template).map(([name, part]) => `${JSON.stringify(name)}: (${build(part)})`);
  return `{${fields.join(', ')}}`;
}

function buildText(text: string): string {
  const parts = split(text);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'program') return closed(only.text);
  const texts = parts.map(({ kind, text: part }) =>
    kind === 'program' ? `(${closed(part)} | tostring)` : JSON.stringify(part),
  );
  return texts.length === 0 ? '""' : texts.join(' + ');
}

/** A comment at the end of a program must not swallow the bracket behind it. */
const closed = (program: string) => `(${program}\n)`;

interface Part {
  kind: 'text' | 'program';
  text: string;
}

/** Throws a JqError for a program that jq's lexer refuses or that is not closed. */
function split(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', from)) {
    if (at > from) parts.push({ kind: 'text', text: text.slice(from, at) });
    const end = findExpressionEnd(text, at + 2);
    if (end === undefined) throw new Error('the expression is not closed: `${` needs a `}`');
    parts.push({ kind: 'program', text: text.slice(at + 2, end) });
    from = end + 1;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}
