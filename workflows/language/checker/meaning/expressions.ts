import { bareProgram, compile, JqError, splitTemplate } from '../../jq/index.js';
import { nearest } from '../nearest.js';
import type { Path } from '../problem.js';
import { isObject } from '../schema/values.js';
import type { Check } from './check.js';

/** A field that is jq with or without `${ }`. */
export function checkField(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  if (typeof value !== 'string') return;
  const program = attempt(check, path, () => bareProgram(value));
  if (program === undefined) return;
  if (program === value && value.includes('${') && isHalfInside(value)) {
    const message = 'must be jq as a whole: all of it inside of ${ }, or none';
    check.report({ path, code: 'invalid-expression', message });
    return;
  }
  checkProgram(check, program, path, variables);
}

/** `from` and `as`: jq, or an object whose leaves are evaluated. */
export function checkFilter(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  if (typeof value === 'string') checkField(check, value, path, variables);
  else checkTemplate(check, value, path, variables);
}

/** Any value with jq in the `${ }` of its strings. */
export function checkTemplate(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  if (Array.isArray(value)) value.forEach((item, index) => checkTemplate(check, item, [...path, index], variables));
  else if (isObject(value))
    for (const [key, inner] of Object.entries(value)) checkTemplate(check, inner, [...path, key], variables);
  else if (typeof value === 'string' && value.includes('${')) {
    const parts = attempt(check, path, () => splitTemplate(value)) ?? [];
    for (const { kind, text } of parts) if (kind === 'program') checkProgram(check, text, path, variables);
  }
}

function attempt<T>(check: Check, path: Path, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    if (!check.isLoose) check.report({ path, code: 'invalid-expression', message: error.message });
    return undefined;
  }
}

/** Whoever writes templates elsewhere may expect `${ .n } > 3` to work here, too. */
function isHalfInside(text: string): boolean {
  try {
    return splitTemplate(text).some(({ kind }) => kind === 'program');
  } catch {
    return false;
  }
}

const UNKNOWN_VARIABLE = /^\$(\w+(?:::\w+)*) is not defined/;
const SECRET = /\$secrets\s*(?:\.\s*([A-Za-z_]\w*)|\.?\s*\[\s*"([^"\\]*)"\s*\]|\.\s*"([^"\\]*)")/g;

function checkProgram(check: Check, program: string, path: Path, variables: readonly string[]): void {
  try {
    compile(program, { variables });
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    reportProgram(check, error, path, variables);
    return;
  }
  if (!variables.includes('secrets')) return;
  for (const [, dotted, bracketed, quoted] of program.matchAll(SECRET)) {
    const name = dotted ?? bracketed ?? quoted;
    if (name === undefined || check.secrets.includes(name)) continue;
    const didYouMean = nearest(name, check.secrets);
    check.report({
      path,
      code: 'unknown-secret',
      message: `no secret "${name}" in use.secrets`,
      allowed: check.secrets,
      ...(didYouMean === undefined ? {} : { didYouMean }),
    });
  }
}

function reportProgram(check: Check, { message }: JqError, path: Path, variables: readonly string[]): void {
  const name = UNKNOWN_VARIABLE.exec(message)?.[1];
  if (name === undefined) {
    check.report({ path, code: 'invalid-expression', message });
  } else if (name === 'secrets' || name === 'authorization') {
    const told = `$${name} is there only inside of with of calls, and in arguments, environment and stdin of processes`;
    check.report({ path, code: 'secret-not-allowed', message: told });
  } else {
    const didYouMean = nearest(name, variables);
    check.report({
      path,
      code: 'invalid-expression',
      message: message.replace('is not defined', 'is not known here'),
      allowed: variables.map((variable) => `$${variable}`),
      ...(didYouMean === undefined ? {} : { didYouMean: `$${didYouMean}` }),
    });
  }
}
