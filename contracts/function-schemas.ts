import { z } from 'zod';
import { CONNECTOR_FUNCTIONS, type ConnectorFunction } from './connector-functions.js';
import { FORMAT_FUNCTIONS, type FormatFunction } from './formats.js';
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
export const allParameters = (): Document =>
  (all ??= jsonSchemaOf(z.object({ ...PATTERN_PARAMS, ...plainParameters() }), 'input'));

interface Refusal {
  path: (string | number)[];
  message: string;
}

/** What the JSON Schema of a function's parameters cannot say of them. What it can say is not repeated. */
export function refusalsOf(name: PatternName, parameters: unknown): Refusal[] {
  return issuesOf(PATTERN_PARAMS[name], parameters);
}

function issuesOf(schema: z.ZodType, parameters: unknown): Refusal[] {
  const { error } = schema.safeParse(parameters);
  return (error?.issues ?? []).flatMap(customIssues).map(({ path, message }) => ({ path: path.map(step), message }));
}

/** Of connectors and formats. */
const plainParameters = (): { [name: string]: z.ZodType } =>
  Object.fromEntries(
    Object.entries({ ...CONNECTOR_FUNCTIONS, ...FORMAT_FUNCTIONS }).map(([name, { with: schema }]) => [name, schema]),
  );

export type FunctionName = PatternName | ConnectorFunction | FormatFunction;

interface CatalogueFunction {
  /** Standing by itself. */
  with: Document;
  refine: (parameters: unknown) => Refusal[];
  isPlain?: boolean;
}
let known: Record<FunctionName, CatalogueFunction> | undefined;

/** The functions of the catalogue as the checker of definitions takes them; made once, since it is some work. */
export function functionCatalogue(): Record<FunctionName, CatalogueFunction> {
  known ??= Object.fromEntries([
    ...PATTERNS.map((name): [PatternName, CatalogueFunction] => [
      name,
      {
        with: jsonSchemaOf(PATTERN_PARAMS[name], 'input'),
        refine: (parameters) => refusalsOf(name, parameters),
      },
    ]),
    ...Object.entries(plainParameters()).map(([name, schema]): [string, CatalogueFunction] => [
      name,
      { with: jsonSchemaOf(schema, 'input'), refine: (parameters) => issuesOf(schema, parameters), isPlain: true },
    ]),
  ]) as Record<FunctionName, CatalogueFunction>;
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
