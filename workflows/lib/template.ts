import type { Json } from '../../contracts/json.js';
import { splitTemplate } from '../language/jq/index.js';

export interface TemplateRules {
  /** What becomes of a program inside of a template; patterns take its results as they come. */
  wrap?: (program: string) => string;
  /** Evaluation `loose`: whether a plain string is an expression, too, which then stays text when it fails. */
  isExpression?: (text: string) => boolean;
}

/**
 * One jq program that builds a template: `${ … }` in its strings is jq, alone keeping its JSON type, inside text
 * becoming text. Keys are never evaluated. Undefined when nothing in the template is an expression.
 */
export function templateProgram(template: Json, rules: TemplateRules = {}): string | undefined {
  return hasExpression(template, rules) ? build(template, rules) : undefined;
}

function hasExpression(template: Json, rules: TemplateRules): boolean {
  if (typeof template === 'string') return template.includes('${') || rules.isExpression?.(template) === true;
  if (template === null || typeof template !== 'object') return false;
  return Object.values(template).some((part) => hasExpression(part, rules));
}

function build(template: Json, rules: TemplateRules): string {
  if (typeof template === 'string') return buildText(template, rules);
  if (template === null || typeof template !== 'object') return JSON.stringify(template);
  if (Array.isArray(template)) return `[${template.map((part) => `(${build(part, rules)})`).join(', ')}]`;
  const fields = Object.entries(template).map(([name, part]) => `${JSON.stringify(name)}: (${build(part, rules)})`);
  return `{${fields.join(', ')}}`;
}

function buildText(text: string, { wrap = closed, isExpression }: TemplateRules): string {
  const trimmed = text.trim();
  const parts = splitTemplate(trimmed.startsWith('${') && trimmed.endsWith('}') ? trimmed : text);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'program') return wrap(only.text);
  if (parts.length === 1 && isExpression?.(text)) return `(try (${wrap(text)}) catch ${JSON.stringify(text)})`;
  const texts = parts.map(({ kind, text: part }) =>
    kind === 'program' ? `(${wrap(part)} | tostring)` : JSON.stringify(part),
  );
  return texts.length === 0 ? '""' : texts.join(' + ');
}

/** A comment at the end of a program must not swallow the bracket behind it. */
const closed = (program: string) => `(${program}\n)`;
