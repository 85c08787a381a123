import type { Json } from '../../../contracts/json.js';
import { bareProgram, splitTemplate } from '../jq/index.js';

/** Evaluation `loose`: whether a plain string is an expression, too, which then stays text when it fails. */
export type IsExpression = (text: string) => boolean;

/** A program that gives exactly one value: null for no result, an error for several. */
export const single = (program: string): string =>
  `[${program}\n] | if length > 1 then error("the expression gave several values") else .[0] end`;

/** A field that is jq with or without `${ }`. */
export const fieldProgram = (text: string): string => single(bareProgram(text));

/**
 * One program that builds a template: `${ }` in its strings is jq, alone keeping its type, inside text becoming text.
 * Keys are never evaluated. Undefined when nothing in the template is an expression.
 */
export function templateProgram(template: Json, isExpression?: IsExpression): string | undefined {
  return hasExpression(template, isExpression) ? build(template, isExpression) : undefined;
}

function hasExpression(template: Json, isExpression?: IsExpression): boolean {
  if (typeof template === 'string') return template.includes('${') || isExpression?.(template) === true;
  if (template === null || typeof template !== 'object') return false;
  return Object.values(template).some((part) => hasExpression(part, isExpression));
}

function build(template: Json, isExpression?: IsExpression): string {
  if (typeof template === 'string') return buildText(template, isExpression);
  if (template === null || typeof template !== 'object') return JSON.stringify(template);
  if (Array.isArray(template)) return `[${template.map((part) => `(${build(part, isExpression)})`).join(', ')}]`;
  const fields = Object.entries(template).map(
    ([name, part]) => `${JSON.stringify(name)}: (${build(part, isExpression)})`,
  );
  return `{${fields.join(', ')}}`;
}

function buildText(text: string, isExpression?: IsExpression): string {
  const trimmed = text.trim();
  const parts = splitTemplate(trimmed.startsWith('${') && trimmed.endsWith('}') ? trimmed : text);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'program') return single(only.text);
  if (parts.length === 1 && isExpression?.(text)) return `(try (${single(text)}) catch ${JSON.stringify(text)})`;
  const texts = parts.map(({ kind, text: part }) =>
    kind === 'program' ? `(${single(part)} | tostring)` : JSON.stringify(part),
  );
  return texts.length === 0 ? '""' : texts.join(' + ');
}
