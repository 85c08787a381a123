import { z } from 'zod';
import type { Json } from './json.js';
import { PATTERN_PARAMS, PATTERNS, type PatternName } from './patterns.js';

type Document = { [keyword: string]: Json };

/** What is used in several places stands once in `$defs`. */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): Document {
  const document = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'ref' });
  return JSON.parse(JSON.stringify(document)) as Document;
}

let all: Document | undefined;
/** One JSON Schema for the parameters of all functions: properties by name, what they share in `$defs`. */
export const allParameters = (): Document => (all ??= jsonSchemaOf(z.object(PATTERN_PARAMS), 'input'));

interface Refusal {
  path: (string | number)[];
  message: string;
}

/** What the JSON Schema of a function's parameters cannot say of them. What it can say is not repeated. */
export function refusalsOf(name: PatternName, parameters: unknown): Refusal[] {
  const parsed = PATTERN_PARAMS[name].safeParse(parameters);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap(customIssues).map(({ path, message }) => ({ path: path.map(step), message }));
}

interface CatalogueFunction {
  /** Standing by itself. */
  with: Document;
  refine: (parameters: unknown) => Refusal[];
}
let known: Record<PatternName, CatalogueFunction> | undefined;

/** The functions of the catalogue as the checker of definitions takes them; made once, since it is some work. */
export function functionCatalogue(): Record<PatternName, CatalogueFunction> {
  known ??= Object.fromEntries(
    PATTERNS.map((name): [PatternName, CatalogueFunction] => [
      name,
      {
        with: jsonSchemaOf(PATTERN_PARAMS[name], 'input'),
        refine: (parameters) => refusalsOf(name, parameters),
      },
    ]),
  ) as Record<PatternName, CatalogueFunction>;
  return known;
}

/** Of a union the branch that came as far as its custom rules was meant. */
function customIssues(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code === 'custom') return [issue];
  if (issue.code !== 'invalid_union') return [];
  const custom = issue.errors.find((branch) => branch.length > 0 && branch.every(({ code }) => code === 'custom'));
  return (custom ?? []).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
}

const step = (key: PropertyKey) => (typeof key === 'number' ? key : String(key));
