import { z } from 'zod';
import type { Json } from '../../../contracts/json.js';
import type { Violation } from '../../../contracts/errors.js';
import { nearest } from '../../../workflows/language/checker/nearest.js';
import { propertyPath } from './property-path.js';
import { fieldsOf, schemasAt, unionAt } from './schema-walk.js';

type Issue = z.core.$ZodIssue;
type Path = PropertyKey[];
interface Place {
  schema: z.core.$ZodType;
  value: unknown;
  path: Path;
}

const MAX_VIOLATIONS = 200;

/**
 * What is wrong with a value, as its author can use it: one entry a place with a readable path. Of a union only the
 * branch that the value comes closest to is told; unknown fields and values name what would be right.
 */
export function violationsOf(
  schema: z.core.$ZodType,
  value: unknown,
  issues: readonly Issue[],
  whole?: string,
): Violation[] {
  const all = explainAll(issues, { schema, value, path: [] }).map(({ path, ...rest }) => ({
    path: propertyPath(path, whole),
    ...rest,
  }));
  if (all.length <= MAX_VIOLATIONS) return all;
  const rest = all.length - MAX_VIOLATIONS;
  return [...all.slice(0, MAX_VIOLATIONS), { path: propertyPath([], whole), message: `and ${rest} more` }];
}

type Explained = Omit<Violation, 'path'> & { path: Path };

const explainAll = (issues: readonly Issue[], place: Place): Explained[] =>
  refit(issues, place).flatMap((issue) => explain(issue, place));

/**
 * When all branches of a union but one give up early, zod tells what that one says, though another was meant (`pattern`
 * misspelt is no unknown field of an agent call): there the branches are compared again.
 */
function refit(issues: readonly Issue[], place: Place): readonly Issue[] {
  const unknown = issues.find(
    ({ code, path }) => code === 'unrecognized_keys' && unionAt(place.schema, path).length > 0,
  );
  if (!unknown) return issues;
  const { path } = unknown;
  const value = valueAt(place.value, path);
  const errors = unionAt(place.schema, path).map((option) => z.safeParse(option, value).error?.issues ?? []);
  const isInside = (issue: Issue) => path.every((part, index) => issue.path[index] === part);
  const union = { code: 'invalid_union', errors, path, message: 'Invalid input' } as Issue;
  return [
    ...refit(
      issues.filter((issue) => !isInside(issue)),
      place,
    ),
    union,
  ];
}

function explain(issue: Issue, place: Place): Explained[] {
  const path = [...place.path, ...issue.path];
  const value = valueAt(place.value, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = schemasAt(place.schema, issue.path, place.value).flatMap(fieldsOf);
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: 'is not a known field',
        allowed: [...new Set(known)],
        ...suggestion(key, known),
      }));
    }
    case 'invalid_union':
      return explainUnion(issue, { ...place, path, value }, issue.path);
    case 'invalid_value':
      return [{ path, ...oneOf(value, issue.values as Json[]) }];
    case 'invalid_type':
      return [{ path, message: value === undefined ? 'is required' : `must be ${article(issue.expected)}` }];
    case 'too_small':
      return [
        { path, message: bound('at least', issue.origin, issue.minimum), allowed: { min: Number(issue.minimum) } },
      ];
    case 'too_big':
      return [
        { path, message: bound('at most', issue.origin, issue.maximum), allowed: { max: Number(issue.maximum) } },
      ];
    case 'invalid_key':
      return [
        { path, message: `has a name that is not allowed: it ${issue.issues[0]?.message ?? 'breaks its schema'}` },
      ];
    case 'invalid_format':
      return [{ path, message: issue.message.startsWith('must') ? issue.message : formatOf(issue.format) }];
    case 'not_multiple_of':
    case 'invalid_element':
    case 'custom':
      return [{ path, message: issue.message }];
  }
}

function explainUnion(issue: Extract<Issue, { code: 'invalid_union' }>, place: Place, at: Path): Explained[] {
  if (issue.errors.length === 0) {
    const options = ((issue as { options?: Json[] }).options ?? []).filter((option) => option !== undefined);
    return [{ path: place.path, ...oneOf(place.value, options) }];
  }
  const options = unionAt(place.schema, at);
  const branches = issue.errors.map((errors, index) => ({ errors, schema: options[index] ?? place.schema }));
  const misfit = ({ errors }: { errors: Issue[] }) =>
    errors.reduce((sum, error) => sum + weight(error, place.value), 0);
  const best = branches.reduce((left, right) => (misfit(right) < misfit(left) ? right : left));
  const values = branches.flatMap(({ errors }) =>
    errors[0]?.code === 'invalid_value' ? (errors[0].values as Json[]) : [],
  );
  if (misfit(best) >= OTHER_KIND && values.length > 0 && typeof place.value === 'string')
    return [{ path: place.path, ...oneOf(place.value, values) }];
  return explainAll(best.errors, { ...place, schema: best.schema });
}

const OTHER_KIND = 100;

/** A branch of another kind of value, or with another discriminator, was not meant. */
function weight(issue: Issue, value: unknown): number {
  if (issue.code === 'invalid_type' && issue.path.length === 0) return OTHER_KIND;
  if (issue.code === 'invalid_value' && issue.path.length === 0) return typeof value === 'string' ? 1 : OTHER_KIND;
  if (issue.code === 'invalid_union' && issue.errors.length === 0)
    return valueAt(value, issue.path) === undefined ? OTHER_KIND : 1;
  if (issue.code === 'unrecognized_keys') return 2 * issue.keys.length;
  if (issue.code === 'invalid_type' && valueAt(value, issue.path) === undefined) return 2;
  return 1;
}

function oneOf(value: unknown, allowed: Json[]): Omit<Violation, 'path'> {
  if (value === undefined) return { message: 'is required', allowed };
  const words = allowed.filter((option) => typeof option === 'string');
  const message =
    allowed.length === 1
      ? `must be ${JSON.stringify(allowed[0])}`
      : `must be one of ${allowed.map((option) => JSON.stringify(option)).join(', ')}`;
  return { message, allowed, ...(typeof value === 'string' ? suggestion(value, words) : {}) };
}

function suggestion(word: string, known: readonly string[]): { didYouMean?: string } {
  const didYouMean = nearest(word, known);
  return didYouMean === undefined ? {} : { didYouMean };
}

const article = (kind: string): string => {
  if (kind === 'int') return 'an integer';
  if (kind === 'record') return 'an object';
  return `${/^[aeio]/.test(kind) ? 'an' : 'a'} ${kind}`;
};

const FORMATS: Record<string, string> = {
  datetime: 'must be a time with its zone (RFC 3339), such as 2026-11-21T16:30:00Z',
  url: 'must be an http or https URL',
};
const formatOf = (format: string) => FORMATS[format] ?? `must be a valid ${format}`;

function bound(word: string, origin: string, limit: number | bigint): string {
  const plural = Number(limit) === 1 ? '' : 's';
  if (origin === 'string') return `must have ${word} ${limit} character${plural}`;
  if (origin === 'array' || origin === 'set') return `must have ${word} ${limit} item${plural}`;
  return `must be ${word} ${limit}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    return (inner as Record<PropertyKey, unknown>)[key];
  }, value);
}
