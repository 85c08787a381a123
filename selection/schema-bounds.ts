import type { Json } from '../contracts/json.js';
import { type Parts, typesOf, valuesOf } from './schema-parts.js';

/** Keywords that bound a number, or the size of a text, a list or an object. */
export const BOUNDS = [
  ...(['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum', 'multipleOf'] as const),
  ...(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'] as const),
];
type Bound = (typeof BOUNDS)[number];

/** Whether each value that fits the parts keeps the bound. Fields that the parts do not name count as not there. */
export function keepsBound(narrow: Parts, keyword: Bound, limit: number): boolean {
  const values = valuesOf(narrow);
  if (values) return values.every((value) => keeps(value, keyword, limit));
  const said = (name: Bound) => narrow.flatMap(({ schema }) => (name in schema ? [schema[name] as number] : []));
  switch (keyword) {
    case 'minimum':
      return [...said('minimum'), ...said('exclusiveMinimum')].some((least) => least >= limit);
    case 'maximum':
      return [...said('maximum'), ...said('exclusiveMaximum')].some((most) => most <= limit);
    case 'exclusiveMinimum':
      return said('minimum').some((least) => least > limit) || said(keyword).some((least) => least >= limit);
    case 'exclusiveMaximum':
      return said('maximum').some((most) => most < limit) || said(keyword).some((most) => most <= limit);
    case 'multipleOf':
      return said(keyword).some((step) => isMultiple(step, limit)) || (limit === 1 && !typesOf(narrow).has('number'));
    case 'minLength':
    case 'minItems':
      return limit <= 0 || said(keyword).some((least) => least >= limit);
    case 'minProperties':
      return limit <= Math.max(requiredOf(narrow).size, ...said(keyword));
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return said(keyword).some((most) => most <= limit);
  }
}

const requiredOf = (narrow: Parts) =>
  new Set(narrow.flatMap(({ schema }) => (schema['required'] as string[] | undefined) ?? []));

/** Of a value of another type than the keyword's, which lets it pass: true. */
function keeps(value: Json, keyword: Bound, limit: number): boolean {
  const size = sizeOf(value, keyword);
  if (size === undefined) return true;
  if (keyword === 'multipleOf') return isMultiple(size, limit);
  if (keyword === 'exclusiveMinimum') return size > limit;
  if (keyword === 'exclusiveMaximum') return size < limit;
  return keyword.startsWith('min') ? size >= limit : size <= limit;
}

function sizeOf(value: Json, keyword: Bound): number | undefined {
  if (keyword.endsWith('Length')) return typeof value === 'string' ? Array.from(value).length : undefined;
  if (keyword.endsWith('Items')) return Array.isArray(value) ? value.length : undefined;
  if (keyword.endsWith('Properties'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value).length : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** Of whole numbers alone: what a floating point division leaves over is not known for sure. */
const isMultiple = (value: number, step: number) =>
  value === step || (Number.isInteger(value) && Number.isInteger(step) && value % step === 0);
