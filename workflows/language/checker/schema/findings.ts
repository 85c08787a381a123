import { nearest } from '../nearest.js';
import type { Finding, Path } from '../problem.js';
import type { JsonSchema } from './json-schema.js';
import { quoted } from './values.js';

export interface CheckContext {
  /** Where `$ref` looks. */
  defs: { readonly [name: string]: JsonSchema };
  /** `${ }` alone may stand for any value: it is evaluated before. */
  withExpressions?: boolean;
}

/** Follows `$ref`; what stands beside it describes only. */
export function resolve(schema: JsonSchema, defs: CheckContext['defs']): JsonSchema {
  let known = schema;
  while (known.$ref !== undefined) {
    const target = defs[known.$ref.slice('#/$defs/'.length)];
    if (!target) throw new TypeError(`there is no schema ${known.$ref}`);
    known = target;
  }
  return known;
}

/** A text that is one expression and nothing else. */
export const isExpression = (value: unknown): boolean => typeof value === 'string' && /^\s*\$\{[^]*\}\s*$/.test(value);

export function checkChoice(choices: readonly unknown[], value: unknown, path: Path): Finding[] {
  if (choices.includes(value)) return [];
  const words = choices.map((choice) => (typeof choice === 'string' ? choice : JSON.stringify(choice)));
  const message = words.length === 1 ? `must be ${quoted(choices[0])}` : `${quoted(value)} is not allowed here`;
  const didYouMean = typeof value === 'string' ? nearest(value, words) : undefined;
  return [{ path, code: 'not-allowed', message, allowed: words, ...(didYouMean === undefined ? {} : { didYouMean }) }];
}

export const missingField = (key: string, path: Path): Finding => ({
  path,
  at: 'key',
  code: 'missing-field',
  message: `needs "${key}"`,
});

export function unknownField(key: string, known: readonly string[], taken: readonly string[], path: Path): Finding {
  const didYouMean = nearest(
    key,
    known.filter((name) => !taken.includes(name)),
  );
  return {
    path: [...path, key],
    at: 'key',
    code: 'unknown-field',
    message: `"${key}" is not a known field here`,
    allowed: known,
    ...(didYouMean === undefined ? {} : { didYouMean }),
  };
}
