import type { Json, SchemaDocument } from '../contracts/json.js';
import { BOUNDS, keepsBound } from './schema-bounds.js';
import { fieldOf, fieldsNamed, furtherFieldOf, itemOf, itemsNamed } from './schema-places.js';
import { equal, type Keywords, type Parts, type TypeName, typesOf, UNRESOLVED, valuesOf } from './schema-parts.js';

/** Why what fits the parts may not fit a schema that stands a step below; each reason begins with its path. */
export type Inner = (parts: Parts, schema: SchemaDocument, step: string) => string[];

/** The narrow side, the part that the keyword stands in, what the keyword says there. */
type Rule = (narrow: Parts, demand: Keywords, asked: Json, inner: Inner) => string[];

/** Why a value that fits the narrow parts may break one keyword. Those that are not known refuse nothing. */
export function violationsOfKeyword(narrow: Parts, demand: Keywords, keyword: string, inner: Inner): string[] {
  const about = ABOUT[keyword];
  const types = typesOf(narrow);
  if (about && !about.some((type) => types.has(type))) return [];
  return RULES[keyword]?.(narrow, demand, demand[keyword] as Json, inner) ?? [];
}

const alike =
  (...keywords: string[]): Rule =>
  (narrow, demand) => {
    const refers = keywords.some((keyword) => /"\$(dynamicR|r)ef"/.test(JSON.stringify(demand[keyword] ?? null)));
    const same = narrow.some(({ schema }) => keywords.every((keyword) => equal(schema[keyword], demand[keyword])));
    return same && !refers ? [] : [`cannot be shown to keep to ${keywords[0]} ${shown(demand[keywords[0]!])}`];
  };

const RULES: { [keyword: string]: Rule } = {
  type: (narrow, _, asked) => {
    const allowed = typesOf([{ schema: { type: asked }, root: true }]);
    const types = typesOf(narrow);
    const others = [...types].filter((type) => !allowed.has(type) && !(type === 'integer' && types.has('number')));
    return others.length > 0
      ? [`must be ${([asked].flat() as string[]).join(' or ')}, may be ${others.join(', ')}`]
      : [];
  },
  const: (narrow, _, asked) => valuesBeside(narrow, [asked]),
  enum: (narrow, _, asked) => valuesBeside(narrow, asked as Json[]),
  required: (narrow, _, asked) =>
    (asked as string[])
      .filter((name) => !narrow.some(({ schema }) => (schema['required'] as string[] | undefined)?.includes(name)))
      .map((name) => `may lack ${JSON.stringify(name)}`),
  properties: (narrow, _, asked, inner) =>
    Object.entries(asked as { [name: string]: SchemaDocument }).flatMap(([name, schema]) => {
      const field = fieldOf(narrow, name);
      return field ? inner(field, schema, `/${name}`) : [];
    }),
  additionalProperties: (narrow, demand, asked, inner) => {
    const known = Object.keys((demand['properties'] ?? {}) as object);
    const named = fieldsNamed(narrow).filter((name) => !known.includes(name));
    const fields = named.map((name) => [`/${name}`, fieldOf(narrow, name)] as const);
    return [...fields, ['/*', furtherFieldOf(narrow)] as const].flatMap(([step, field]) =>
      field ? inner(field, asked as SchemaDocument, step) : [],
    );
  },
  prefixItems: (narrow, _, asked, inner) =>
    (asked as SchemaDocument[]).flatMap((schema, index) => {
      const item = itemOf(narrow, index);
      return item ? inner(item, schema, `/${index}`) : [];
    }),
  items: (narrow, demand, asked, inner) => {
    const from = (demand['prefixItems'] as Json[] | undefined)?.length ?? 0;
    const until = Math.max(from, itemsNamed(narrow));
    return Array.from({ length: until - from + 1 }, (_, offset) => from + offset).flatMap((index) => {
      const item = itemOf(narrow, index);
      return item ? inner(item, asked as SchemaDocument, index < until ? `/${index}` : '/*') : [];
    });
  },
  uniqueItems: (narrow, _, asked) =>
    asked === false ||
    narrow.some(({ schema }) => schema['uniqueItems'] === true || (schema['maxItems'] as number) <= 1)
      ? []
      : ['may have an item twice'],
  ...Object.fromEntries(
    BOUNDS.map((keyword): [string, Rule] => [
      keyword,
      (narrow, _, asked) =>
        keepsBound(narrow, keyword, asked as number) ? [] : [`may break ${keyword} ${asked as number}`],
    ]),
  ),
  ...Object.fromEntries(
    ['not', 'pattern', 'format', 'patternProperties', 'propertyNames', 'dependentRequired', 'dependentSchemas']
      .concat('dependencies')
      .map((keyword) => [keyword, alike(keyword)]),
  ),
  if: alike('if', 'then', 'else'),
  contains: alike('contains', 'minContains', 'maxContains'),
  ...Object.fromEntries(
    ['unevaluatedProperties', 'unevaluatedItems', '$dynamicRef', UNRESOLVED].map((keyword): [string, Rule] => [
      keyword,
      (_narrow, _demand, asked) => (asked === true ? [] : [`cannot be shown to keep to ${keyword}`]),
    ]),
  ),
};

/** The types of values that a keyword says something of; the others it lets pass. */
const ABOUT: { [keyword: string]: TypeName[] } = Object.fromEntries(
  (
    [
      [
        'required properties additionalProperties patternProperties propertyNames minProperties maxProperties ' +
          'unevaluatedProperties dependentRequired dependentSchemas dependencies',
        ['object'],
      ],
      ['prefixItems items contains uniqueItems minItems maxItems unevaluatedItems', ['array']],
      ['minLength maxLength pattern', ['string']],
      ['minimum maximum exclusiveMinimum exclusiveMaximum multipleOf', ['integer', 'number']],
    ] satisfies [string, TypeName[]][]
  ).flatMap(([keywords, types]) => keywords.split(' ').map((keyword) => [keyword, types])),
);

function valuesBeside(narrow: Parts, allowed: Json[]): string[] {
  const types = [...typesOf(narrow)];
  const few = types.every((type) => type === 'null' || type === 'boolean') ? [null, true, false] : undefined;
  const values = valuesOf(narrow) ?? few?.filter((value) => types.includes(value === null ? 'null' : 'boolean'));
  const others = values?.filter((value) => !allowed.some((one) => equal(one, value)));
  if (others?.length === 0) return [];
  return [
    `must be ${allowed.map(shown).join(' or ')}, may be ${others ? others.map(shown).join(', ') : 'anything else'}`,
  ];
}

function shown(value: Json | undefined): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
