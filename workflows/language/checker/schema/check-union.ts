import { nearest } from '../nearest.js';
import type { Finding, Path } from '../problem.js';
import { checkChoice, type CheckContext, resolve, unknownField } from './findings.js';
import type { JsonSchema, JsonType } from './json-schema.js';
import { fits, isObject, kindWord, mustBe } from './values.js';

/** `checkValue`, handed in: a union is a value, and holds values. */
type Check = (schema: JsonSchema, value: unknown, path: Path, context: CheckContext) => Finding[];

/**
 * A value that may be one of several kinds. The kind that was meant is told by the type and, of objects, by their keys;
 * only that one is looked into, so that a mistake inside is told once, and as a mistake of that kind.
 */
export function checkUnion(
  union: readonly JsonSchema[],
  value: unknown,
  path: Path,
  context: CheckContext,
  check: Check,
): Finding[] {
  const options = flatten(union, context);
  const ofType = options.filter((option) => acceptsType(option, value));
  if (ofType.length === 0) return [wrongType(options, value, path)];
  if (isObject(value)) return checkAmongObjects(ofType, value, path, context, check);
  const choices = ofType.flatMap(({ enum: values, const: only }) => values ?? (only === undefined ? [] : [only]));
  if (choices.includes(value)) return [];
  const others = ofType.filter((option) => option.enum === undefined && option.const === undefined);
  return others.length === 0 ? checkChoice(choices, value, path) : best(others, value, path, context, check);
}

function flatten(union: readonly JsonSchema[], context: CheckContext): JsonSchema[] {
  return union.flatMap((option) => {
    const known = resolve(option, context.defs);
    const inner = known.oneOf ?? known.anyOf;
    return inner ? flatten(inner, context) : [known];
  });
}

function acceptsType({ type, const: only, enum: values }: JsonSchema, value: unknown): boolean {
  if (type !== undefined) return fits(type, value);
  const known = values ?? (only === undefined ? [] : [only]);
  return known.length === 0 || known.some((choice) => typeof choice === typeof value);
}

function wrongType(options: readonly JsonSchema[], value: unknown, path: Path): Finding {
  const said = options.find(({ errorMessage }) => errorMessage !== undefined)?.errorMessage;
  const types = new Set(options.flatMap(({ type }): JsonType[] => (type === undefined ? [] : [type])));
  const words = [...types].map(kindWord);
  const expected = words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words[0];
  return { path, code: 'wrong-type', message: said ?? mustBe(expected ?? 'something else', value) };
}

function best(
  options: readonly JsonSchema[],
  value: unknown,
  path: Path,
  context: CheckContext,
  check: Check,
): Finding[] {
  let fewest: Finding[] | undefined;
  for (const option of options) {
    const findings = check(option, value, path, context);
    if (findings.length === 0) return findings;
    if (!fewest || findings.length < fewest.length) fewest = findings;
  }
  return fewest ?? [];
}

type Fields = Record<string, unknown>;

function checkAmongObjects(
  options: readonly JsonSchema[],
  value: Fields,
  path: Path,
  context: CheckContext,
  check: Check,
): Finding[] {
  const told = toldApart(options, value, path, context);
  if ('findings' in told) return told.findings;
  const fitting = told.options.filter((option) => fitsByKeys(option, value));
  if (fitting.length > 0) return best(fitting, value, path, context, check);

  const counts = told.options.map((option) => requiredOf(option).filter((key) => Object.hasOwn(value, key)).length);
  const most = Math.max(...counts);
  const likely = told.options.filter((_, index) => counts[index] === most);
  const [meant] = likely;
  if (!meant) return [];
  const conflict = conflictOf(likely, value, path);
  if (conflict) return [conflict];
  const complete = likely.filter((option) => requiredOf(option).every((key) => Object.hasOwn(value, key)));
  if (complete.length === 1 && complete[0] && most > 0) return check(complete[0], value, path, context);
  if (likely.length > 1) return [needsOneOf(likely, told.options, value, path)];
  const elsewhere = new Set(options.flatMap((option) => (option === meant ? [] : requiredOf(option))));
  return check(meant, value, path, context).map((finding) => withoutOther(finding, meant, elsewhere, path));
}

/** Options left when a key such as `pattern` or `call` names the kind; a name that none of them has is the mistake. */
function toldApart(
  options: readonly JsonSchema[],
  value: Fields,
  path: Path,
  context: CheckContext,
): { options: readonly JsonSchema[] } | { findings: Finding[] } {
  const constsOf = (key: string) =>
    options.flatMap(({ properties }) => {
      const property = properties?.[key];
      const only = property && resolve(property, context.defs).const;
      return typeof only === 'string' ? [only] : [];
    });
  for (const key of Object.keys(value)) {
    const consts = constsOf(key);
    if (consts.length < 2 && !(consts.length === 1 && options.length > 1)) continue;
    const named = options.filter(({ properties = {}, additionalProperties }) => {
      const property = properties[key] && resolve(properties[key], context.defs);
      if (!property) return additionalProperties !== false;
      if (property.const !== undefined) return property.const === value[key];
      if (property.enum) return property.enum.includes(value[key]);
      return property.not === undefined || !property.not.enum.includes(value[key]);
    });
    if (named.length === 0) return { findings: checkChoice([...new Set(consts)], value[key], [...path, key]) };
    return { options: named };
  }
  return { options };
}

const requiredOf = ({ required = [] }: JsonSchema) => required;

function fitsByKeys({ properties = {}, required = [], additionalProperties }: JsonSchema, value: Fields): boolean {
  if (required.some((key) => !Object.hasOwn(value, key))) return false;
  return additionalProperties !== false || Object.keys(value).every((key) => Object.hasOwn(properties, key));
}

/** Two kinds at once: the later key is the mistake. */
function conflictOf(likely: readonly JsonSchema[], value: Fields, path: Path): Finding | undefined {
  const complete = likely.filter(
    (option) => requiredOf(option).length > 0 && requiredOf(option).every((key) => Object.hasOwn(value, key)),
  );
  const keys = Object.keys(value).filter((key) => {
    const holders = complete.filter((option) => requiredOf(option).includes(key)).length;
    return holders > 0 && holders < complete.length;
  });
  const [first, second] = keys;
  if (first === undefined || second === undefined) return undefined;
  return {
    path: [...path, second],
    at: 'key',
    code: 'conflicting-fields',
    message: `"${second}" does not go with "${first}": only one of them is allowed`,
  };
}

/** What is missing tells the kinds apart; or a key that looks like one of them was misspelt. */
function needsOneOf(likely: readonly JsonSchema[], options: readonly JsonSchema[], value: Fields, path: Path): Finding {
  const isCommon = (key: string) => likely.every((option) => requiredOf(option).includes(key));
  const firstMissing = (option: JsonSchema) =>
    requiredOf(option).find((key) => !isCommon(key) && !Object.hasOwn(value, key)) ?? [];
  const telling = [...new Set(likely.flatMap(firstMissing))];
  const wanted = telling.length > 0 ? telling : [...new Set(options.flatMap((option) => requiredOf(option)[0] ?? []))];
  const known = new Set(likely.flatMap(({ properties = {} }) => Object.keys(properties)));
  const strange = Object.keys(value).filter((key) => !known.has(key));
  const misspelt = strange.find((key) => nearest(key, wanted) !== undefined) ?? strange[0];
  if (misspelt !== undefined) return unknownField(misspelt, wanted, Object.keys(value), path);
  return { path, at: 'key', code: 'missing-field', message: 'needs one of these fields', allowed: wanted };
}

/** An unknown key that another kind needs is told as that. */
function withoutOther(finding: Finding, meant: JsonSchema, elsewhere: ReadonlySet<string>, path: Path): Finding {
  const key = finding.path.at(-1);
  const isOwn = finding.code === 'unknown-field' && finding.path.length === path.length + 1;
  if (!isOwn || typeof key !== 'string' || !elsewhere.has(key)) return finding;
  const own = requiredOf(meant)[0];
  const message =
    own === undefined ? finding.message : `"${key}" does not go with "${own}": only one of them is allowed`;
  return { path: finding.path, at: 'key', code: 'conflicting-fields', message };
}
