import type { Json } from '../../contracts/json.js';
import { splitTemplate } from '../language/jq/index.js';

/**
 * One jq program that builds a template: `${ … }` in its strings is jq, alone keeping its JSON type, inside text
 * becoming text. Keys are left as they are. Undefined when nothing in the template is an expression.
 */
export function templateProgram(template: Json): string | undefined {
  return hasExpression(template) ? build(template) : undefined;
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
  const parts = splitTemplate(text);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'program') return closed(only.text);
  const texts = parts.map(({ kind, text: part }) =>
    kind === 'program' ? `(${closed(part)} | tostring)` : JSON.stringify(part),
  );
  return texts.length === 0 ? '""' : texts.join(' + ');
}

/** A comment at the end of a program must not swallow the bracket behind it. */
const closed = (program: string) => `(${program}\n)`;
