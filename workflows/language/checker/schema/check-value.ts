import type { Finding, Path } from '../problem.js';
import { checkUnion } from './check-union.js';
import { checkChoice, type CheckContext, isExpression, missingField, resolve, unknownField } from './findings.js';
import type { JsonSchema } from './json-schema.js';
import { fits, isObject, kindWord, mustBe, quoted } from './values.js';

/** What is wrong with a value. One mistake is one finding: what follows from it is left out. */
export function checkValue(schema: JsonSchema, value: unknown, path: Path, context: CheckContext): Finding[] {
  if (context.withExpressions && isExpression(value)) return [];
  const known = resolve(schema, context.defs);
  const options = known.oneOf ?? known.anyOf;
  if (options) return checkUnion(options, value, path, context, checkValue);
  if (known.const !== undefined || known.enum) return checkChoice(known.enum ?? [known.const], value, path);
  if (known.type !== undefined && !fits(known.type, value)) {
    const message = known.errorMessage ?? mustBe(kindWord(known.type), value);
    return [{ path, code: 'wrong-type', message }];
  }
  if (typeof value === 'string') return checkText(known, value, path);
  if (typeof value === 'number') return checkNumber(known, value, path);
  if (Array.isArray(value)) return checkList(known, value, path, context);
  return isObject(value) ? checkObject(known, value, path, context) : [];
}

function checkText(schema: JsonSchema, value: string, path: Path): Finding[] {
  const { pattern, not, minLength = 0, maxLength, errorMessage } = schema;
  if (not?.enum.includes(value))
    return [{ path, code: 'not-allowed', message: `${quoted(value)} is not allowed here` }];
  if (pattern !== undefined && !patternOf(pattern).test(value))
    return [{ path, code: 'wrong-format', message: errorMessage ?? `must match ${pattern}` }];
  if (value.length < minLength)
    return [
      {
        path,
        code: 'out-of-range',
        message: minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`,
      },
    ];
  if (maxLength !== undefined && value.length > maxLength)
    return [{ path, code: 'out-of-range', message: `must have at most ${maxLength} characters` }];
  return [];
}

const patterns = new Map<string, RegExp>();
/** Patterns come from schemas, never from documents, so there is an end to them. */
function patternOf(pattern: string): RegExp {
  const known = patterns.get(pattern) ?? new RegExp(pattern, 'u');
  patterns.set(pattern, known);
  return known;
}

function checkNumber(schema: JsonSchema, value: number, path: Path): Finding[] {
  const { minimum, maximum, exclusiveMinimum } = schema;
  const wrong =
    (minimum !== undefined && value < minimum && `at least ${minimum}`) ||
    (exclusiveMinimum !== undefined && value <= exclusiveMinimum && `above ${exclusiveMinimum}`) ||
    (maximum !== undefined && value > maximum && `at most ${maximum}`);
  return wrong ? [{ path, code: 'out-of-range', message: `must be ${wrong}` }] : [];
}

function checkList(schema: JsonSchema, value: readonly unknown[], path: Path, context: CheckContext): Finding[] {
  const { items, minItems = 0, maxItems, errorMessage } = schema;
  const count = (limit: string, n: number) => errorMessage ?? `must have at ${limit} ${n} item${n === 1 ? '' : 's'}`;
  if (value.length < minItems) return [{ path, code: 'out-of-range', message: count('least', minItems) }];
  if (maxItems !== undefined && value.length > maxItems)
    return [{ path, code: 'out-of-range', message: count('most', maxItems) }];
  return items ? value.flatMap((item, index) => checkValue(items, item, [...path, index], context)) : [];
}

function checkObject(schema: JsonSchema, value: Record<string, unknown>, path: Path, context: CheckContext): Finding[] {
  const { properties = {}, required = [], additionalProperties = true, propertyNames } = schema;
  const keys = Object.keys(value);
  const { minProperties = 0, maxProperties = keys.length, errorMessage } = schema;
  if (keys.length < minProperties || keys.length > maxProperties)
    return [
      {
        path,
        code: 'out-of-range',
        message: errorMessage ? `${errorMessage}${found(keys)}` : 'needs at least one field',
      },
    ];
  const unknown = keys.filter((key) => !Object.hasOwn(properties, key));
  const missing = required.filter((key) => !Object.hasOwn(value, key));
  const findings: Finding[] = [];
  const meant = new Set<string>();
  for (const key of unknown) {
    if (additionalProperties === false) {
      const finding = unknownField(key, Object.keys(properties), keys, path);
      if (finding.didYouMean !== undefined) meant.add(finding.didYouMean);
      findings.push(finding);
    } else {
      const named = propertyNames && checkValue(propertyNames, key, [...path, key], context);
      if (named && named.length > 0) findings.push(...named.map((finding) => ({ ...finding, at: 'key' as const })));
      else if (additionalProperties !== true)
        findings.push(...checkValue(additionalProperties, value[key], [...path, key], context));
    }
  }
  // A field that was misspelt is not missing, too.
  for (const key of missing) if (!meant.has(key)) findings.push(missingField(key, path));
  for (const [key, inner] of Object.entries(properties))
    if (Object.hasOwn(value, key)) findings.push(...checkValue(inner, value[key], [...path, key], context));
  return findings;
}

const found = (keys: readonly string[]) =>
  keys.length === 0
    ? ''
    : `; found ${keys
        .slice(0, 3)
        .map((key) => `"${key}"`)
        .join(' and ')}: is the indentation right?`;
