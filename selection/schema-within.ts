import type { Json, SchemaDocument } from '../contracts/json.js';
import { violationsOfKeyword } from './schema-keywords.js';
import { type Located, type Parts, partsOf, typesOf, valuesOf } from './schema-parts.js';

const MAX_DEPTH = 24;
const MAX_VIOLATIONS = 10;
/** Alternatives within alternatives double the work with each step. */
const MAX_COMPARISONS = 20_000;

/**
 * Where a value that fits `narrow` may not fit `wide` (JSON Schema 2020-12), as `/path reason`, at most ten; empty when each
 * one does. What cannot be shown counts as unfit, so that an empty answer can be relied on. Fields of objects that `narrow`
 * does not name count as not there.
 */
export function violationsWithin(narrow: SchemaDocument, wide: SchemaDocument): string[] {
  const parts = partsOf({ schema: narrow, root: narrow });
  if (parts === null) return [];
  const place = { at: '', depth: 0, budget: { left: MAX_COMPARISONS } };
  return compare(parts, { schema: wide, root: wide }, place).slice(0, MAX_VIOLATIONS);
}

interface Place {
  at: string;
  depth: number;
  budget: { left: number };
}

const below = ({ at, depth, budget }: Place, step = ''): Place => ({ at: at + step, depth: depth + 1, budget });
const saying = ({ at }: Place, reason: string) => `${at || '/'} ${reason}`;

function compare(narrow: Parts, wide: Located, place: Place): string[] {
  if (isNothing(narrow)) return [];
  const demands = partsOf(wide);
  if (demands === null) return [saying(place, 'must not be there')];
  place.budget.left -= 1;
  if (place.depth > MAX_DEPTH || place.budget.left < 0) return [saying(place, 'is too intricate to be compared')];
  const cases = alternativesOf(narrow);
  if (cases) return cases.map((one) => compare(one, wide, below(place))).find((found) => found.length > 0) ?? [];
  return demands.flatMap(({ schema, root }) =>
    Object.entries(schema).flatMap(([keyword, asked]) => {
      if (keyword === 'anyOf' || keyword === 'oneOf')
        return withinOneOf(narrow, { keyword, branches: asked as SchemaDocument[], root }, place);
      const found: string[] = [];
      const reasons = violationsOfKeyword(narrow, schema, keyword, (parts, inner, step) => {
        found.push(...compare(parts, { schema: inner, root }, below(place, step)));
        return [];
      });
      return [...reasons.map((reason) => saying(place, reason)), ...found];
    }),
  );
}

const isNothing = (narrow: Parts) => typesOf(narrow).size === 0;

/** The cases of an `anyOf` or `oneOf` of the narrow schema, each with all else that holds. */
function alternativesOf(narrow: Parts): Parts[] | undefined {
  for (const [index, { schema, root }] of narrow.entries())
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      const { [keyword]: union, ...others } = schema;
      if (!Array.isArray(union)) continue;
      const rest = narrow.with(index, { schema: others, root });
      return (union as SchemaDocument[]).flatMap((branch) => {
        const parts = partsOf({ schema: branch, root });
        return parts === null ? [] : [[...rest, ...parts]];
      });
    }
  return undefined;
}

interface Union {
  keyword: 'anyOf' | 'oneOf';
  branches: SchemaDocument[];
  root: SchemaDocument;
}

/** Each value fits a branch: all of them the same one, or those of each kind one of theirs. */
function withinOneOf(narrow: Parts, { keyword, branches, root }: Union, place: Place): string[] {
  const fits = (parts: Parts) =>
    branches.some((schema, index) => {
      if (compare(parts, { schema, root }, below(place)).length > 0) return false;
      const others = branches.filter((_, at) => at !== index);
      return keyword === 'anyOf' || others.every((other) => isApart(parts, { schema: other, root }));
    });
  if (fits(narrow) || kindsOf(narrow)?.every(fits)) return [];
  return [saying(place, `may be what none of the ${branches.length} alternatives takes alone`)];
}

/** One case for each value that is counted out, else for each type; undefined: there is but one. */
function kindsOf(narrow: Parts): Parts[] | undefined {
  const only = (schema: { [keyword: string]: Json }): Parts => [...narrow, { schema, root: true }];
  const types = [...typesOf(narrow)];
  const kinds =
    valuesOf(narrow)?.map((value) => only({ const: value })) ??
    types.filter((type) => type !== 'integer' || !types.includes('number')).map((type) => only({ type }));
  return kinds.length > 1 ? kinds : undefined;
}

/** Whether no value fits both, by its type, its value, or a field of objects that both must have. */
function isApart(narrow: Parts, wide: Located): boolean {
  const other = partsOf(wide);
  if (other === null) return true;
  const both = [...narrow, ...other];
  if (isNothing(both)) return true;
  const types = [...typesOf(both)];
  return types.length === 1 && types[0] === 'object' && sharedFields(narrow, other).some((field) => isNothing(field));
}

/** What both sides say of the fields that both must have. */
function sharedFields(narrow: Parts, other: Parts): Parts[] {
  const both = [...narrow, ...other];
  const requires = (parts: Parts, name: string) =>
    parts.some(({ schema }) => (schema['required'] as string[] | undefined)?.includes(name));
  const names = both.flatMap(({ schema }) => (schema['required'] as string[] | undefined) ?? []);
  const shared = [...new Set(names)].filter((name) => requires(narrow, name) && requires(other, name));
  return shared.map((name) =>
    both.flatMap(({ schema, root }) => {
      const fields = schema['properties'] as { [name: string]: SchemaDocument } | undefined;
      return fields?.[name] === undefined ? [] : (partsOf({ schema: fields[name], root }) ?? [NOTHING]);
    }),
  );
}

/** What no value fits. */
const NOTHING: Parts[number] = { schema: { enum: [] }, root: true };
