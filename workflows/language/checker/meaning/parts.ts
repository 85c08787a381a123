import { isExpression } from '../schema/findings.js';
import type { Path } from '../problem.js';
import { isObject } from '../schema/values.js';
import { type Check, fieldsOf, itemsOf } from './check.js';
import { checkField, checkTemplate } from './expressions.js';
import { checkBackoff, checkOAuth } from './ignored.js';
import { checkReference, checkSecret } from './references.js';
import { refusalOf } from './value-schemas.js';
import { SECRET_VARIABLES } from './scope.js';

const VARIABLE = /^[A-Za-z_]\w*$/;

export function checkDuration(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  checkTemplate(check, value, path, variables);
  for (const [unit, amount] of Object.entries(fieldsOf(value)))
    if (typeof amount === 'number' && amount < 0)
      check.report({ path: [...path, unit], code: 'invalid-duration', message: 'must not be negative' });
}

/** A timeout in place, or the name of one. */
export function checkTimeout(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  checkReference(check, 'timeouts', value, path);
  checkDuration(check, fieldsOf(value)['after'], [...path, 'after'], variables);
}

/** `schema` of input, output and export. */
export function checkValueSchema(check: Check, value: unknown, path: Path): void {
  const { format = 'json', document, resource } = fieldsOf(value);
  checkResource(check, resource, [...path, 'resource'], []);
  if (typeof format === 'string' && !/^json(?::|$)/.test(format))
    check.report({
      path: [...path, 'format'],
      code: 'not-allowed',
      message: 'only JSON Schemas are checked',
      allowed: ['json'],
    });
  if (document === undefined || typeof format !== 'string' || !/^json(?::|$)/.test(format)) return;
  const refused = refusalOf(document);
  if (refused)
    check.report({ path: [...path, 'document', ...refused.path], code: 'invalid-schema', message: refused.message });
}

/** An external document; secrets may open it. */
export function checkResource(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  checkEndpoint(check, fieldsOf(value)['endpoint'], [...path, 'endpoint'], [...variables, ...SECRET_VARIABLES]);
}

export function checkEndpoint(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  if (!isObject(value)) return checkTemplate(check, value, path, variables);
  const { authentication, ...rest } = value;
  checkTemplate(check, rest, path, variables);
  checkAuthentication(check, authentication, [...path, 'authentication'], variables);
}

/** A policy in place, or the name of one; `use` inside of a policy names a secret. */
export function checkAuthentication(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  for (const [kind, policy] of Object.entries(fieldsOf(value))) {
    if (kind === 'use') checkReference(check, 'authentications', policy, [...path, 'use']);
    else {
      if (kind === 'oauth2' || kind === 'oidc') checkOAuth(check, policy, [...path, kind]);
      checkSecret(check, fieldsOf(policy)['use'], [...path, kind, 'use']);
      checkTemplate(check, policy, [...path, kind], variables);
    }
  }
}

/** `variables` hold the error, under the name the catch gives it. */
export function checkRetry(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  checkReference(check, 'retries', value, path);
  const { when, exceptWhen, delay, backoff, limit, jitter } = fieldsOf(value);
  checkBackoff(check, backoff, [...path, 'backoff']);
  checkField(check, when, [...path, 'when'], variables);
  checkField(check, exceptWhen, [...path, 'exceptWhen'], variables);
  const { attempt, duration } = fieldsOf(limit);
  const { from, to } = fieldsOf(jitter);
  const durations: [unknown, ...string[]][] = [
    [delay, 'delay'],
    [duration, 'limit', 'duration'],
    [fieldsOf(attempt)['duration'], 'limit', 'attempt', 'duration'],
    [from, 'jitter', 'from'],
    [to, 'jitter', 'to'],
  ];
  for (const [inner, ...at] of durations) checkDuration(check, inner, [...path, ...at], variables);
  const { count } = fieldsOf(attempt);
  if (typeof count === 'number' && count < 0)
    check.report({ path: [...path, 'limit', 'attempt', 'count'], code: 'out-of-range', message: 'must be at least 0' });
}

/** `one`, `all` or `any` of several events, and `until`. */
export function checkEvents(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  if (!isObject(value)) return;
  const { one, all, any, until } = value;
  checkEventFilter(check, one, [...path, 'one'], variables);
  itemsOf(all).forEach((filter, index) => checkEventFilter(check, filter, [...path, 'all', index], variables));
  itemsOf(any).forEach((filter, index) => checkEventFilter(check, filter, [...path, 'any', index], variables));
  if (typeof until === 'string') checkField(check, until, [...path, 'until'], variables);
  else checkEvents(check, until, [...path, 'until'], variables);
}

function checkEventFilter(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  const { with: properties, correlate } = fieldsOf(value);
  checkTemplate(check, properties, [...path, 'with'], variables);
  for (const [name, correlation] of Object.entries(fieldsOf(correlate))) {
    const { from, expect } = fieldsOf(correlation);
    checkField(check, from, [...path, 'correlate', name, 'from'], variables);
    checkTemplate(check, expect, [...path, 'correlate', name, 'expect'], variables);
  }
}

/** The name of a variable that a loop or catch gives; the default when it says none. */
export function variableName(check: Check, value: unknown, path: Path, preset: string): string {
  if (typeof value !== 'string') return preset;
  if (VARIABLE.test(value)) return value;
  const message = isExpression(value)
    ? 'must be a name, not an expression'
    : 'must be the name of a variable, without $';
  check.report({ path, code: 'invalid-name', message });
  return preset;
}
