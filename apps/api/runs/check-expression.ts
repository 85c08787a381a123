import { compile, findExpressionEnd } from '../../../workflows/language/jq/index.js';
import { JqError } from '../../../workflows/language/jq/jq-error.js';

/** What patterns give to expressions beside the data itself. */
const VARIABLES = ['input', 'item', 'index'];

/** Why a field that is jq, with or without `${ }`, does not compile. */
export function checkExpression(value: unknown): string[] {
  if (typeof value !== 'string') return [];
  return value.trim().startsWith('${') ? checkTemplate(value.trim()) : compileFailure(value);
}

/** Why expressions in the strings of a literal do not compile. */
export function checkTemplate(value: unknown): string[] {
  if (typeof value === 'string') return checkText(value);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(checkTemplate);
}

function checkText(text: string): string[] {
  try {
    return expressionsIn(text).flatMap(compileFailure);
  } catch (error) {
    if (error instanceof JqError) return [error.message];
    throw error;
  }
}

function expressionsIn(text: string): string[] {
  const found: string[] = [];
  for (let at = text.indexOf('${'); at >= 0;) {
    const end = findExpressionEnd(text, at + 2);
    if (end === undefined) throw new JqError('syntax', 'the expression is not closed: `${` needs a `}`');
    found.push(text.slice(at + 2, end));
    at = text.indexOf('${', end + 1);
  }
  return found;
}

function compileFailure(program: string): string[] {
  try {
    compile(program, { variables: VARIABLES });
    return [];
  } catch (error) {
    if (error instanceof JqError) return [error.message];
    throw error;
  }
}
