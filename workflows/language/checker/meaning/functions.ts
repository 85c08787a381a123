import {
  choosingFault,
  isMemoryTask,
  PATTERN_VARIABLES,
  patternField,
  type PatternField,
} from '../../pattern-fields.js';
import { nearest } from '../nearest.js';
import type { Path } from '../problem.js';
import { CALL_SCHEMAS } from '../schema/call.schema.js';
import { checkValue } from '../schema/check-value.js';
import { isExpression } from '../schema/findings.js';
import { isObject } from '../schema/values.js';
import { type CatalogueFunction, type Check, fieldsOf } from './check.js';
import { checkField, checkTemplate } from './expressions.js';
import { reportUnknown } from './references.js';
import { refusalOf } from './value-schemas.js';
import { SECRET_VARIABLES } from './scope.js';

/** The version of every function of the catalogue `default`. */
const VERSION = '1.0.0';
const CATALOGUED = /^([\w.-]+)(?::([\w.+-]+))?(?:@([\w-]+))?$/;

/** What `call` names when it names no protocol: a function of the document, of a catalogue, or a URL. */
export function checkFunctionCall(
  check: Check,
  { call, with: given }: { call?: unknown; with?: unknown },
  path: Path,
  variables: readonly string[],
): void {
  const at = [...path, 'with'];
  if (typeof call !== 'string') return checkTemplate(check, given, at, variables);
  const named = Object.hasOwn(check.use['functions'] ?? {}, call) ? undefined : resolve(check, call, [...path, 'call']);
  if (!named) return checkTemplate(check, given, at, variables);
  checkParameters(check, named, given ?? {}, at, variables);
}

/** `compensate`: parameters of `agent`, whose input is evaluated as the task ends. */
export function checkUndo(check: Check, given: unknown, path: Path, variables: readonly string[]): void {
  if (!isObject(given)) return;
  const { input, ...parameters } = given;
  checkTemplate(check, input, [...path, 'input'], variables);
  const agent = check.functions?.['agent'];
  if (agent) checkParameters(check, agent, parameters, path, variables);
}

/** The function of the catalogue `default` that a name means. Reports what resolves to nothing. */
function resolve(check: Check, call: string, path: Path): CatalogueFunction | undefined {
  if (/^[a-z][a-z+.-]*:\/\//i.test(call)) {
    check.warn({
      path,
      code: 'outside-catalog',
      message: 'whether the URL holds a function is seen when it is called',
    });
    return undefined;
  }
  const [, name, version = VERSION, catalog] = CATALOGUED.exec(call) ?? [];
  const { functions } = check;
  const catalogs = Object.keys(check.use['catalogs'] ?? {});
  if (catalog !== undefined && (catalog !== 'default' || catalogs.includes(catalog))) {
    if (!catalogs.includes(catalog))
      reportUnknown(check, path, 'unknown-catalog', `no catalogue "${catalog}" in use.catalogs`, catalog, [
        ...catalogs,
        'default',
      ]);
    else if (CATALOGUED.exec(call)?.[2] === undefined) {
      const message = `a function of another catalogue needs its version: ${name}:1.0.0@${catalog}`;
      check.report({ path, code: 'unknown-function', message });
    } else
      check.warn({ path, code: 'outside-catalog', message: `whether ${catalog} has it is seen when it is called` });
    return undefined;
  }
  if (!functions) return undefined;
  const found = name !== undefined && Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (found && version === VERSION) return found;
  if (found) {
    const message = `"${name}" has no version ${version}`;
    check.report({ path, code: 'unknown-function', message, allowed: [`${name}:${VERSION}@default`] });
  } else if (name?.includes('.')) {
    const message = `the catalogue of this installation has no connector "${name}"`;
    check.warn({ path, code: 'unknown-connector', message });
  } else {
    const known = [
      ...Object.keys(check.use['functions'] ?? {}),
      ...Object.keys(functions),
      ...Object.keys(CALL_SCHEMAS),
    ];
    reportUnknown(check, path, 'unknown-function', `no function "${name ?? call}"`, name ?? call, known);
  }
  return undefined;
}

function checkParameters(
  check: Check,
  { with: schema, refine, isPlain }: CatalogueFunction,
  given: unknown,
  path: Path,
  variables: readonly string[],
): void {
  const findings = checkValue(schema, given, path, { defs: schema.$defs ?? {}, withExpressions: true });
  findings.forEach((finding) => check.report(finding));
  if (findings.length === 0)
    for (const { path: inner, message } of refine?.(given) ?? [])
      if (!isExpression(valueAt(given, inner)))
        check.report({ path: [...path, ...inner], code: 'invalid-with', message });
  if (isPlain) {
    checkTemplate(check, given, path, variables);
    return warnOfConnection(check, fieldsOf(given)['connection'], [...path, 'connection']);
  }
  checkExpressions(check, given, path, variables);
  checkTogether(check, given, path, {});
  warnOfAgents(check, given, path);
}

/**
 * A call is made twice only when its agent honours repeated keys, and how its agent is chosen has to go together; calls
 * inside inherit what the pattern says of that.
 */
function checkTogether(check: Check, value: unknown, path: Path, around: Record<string, unknown>): void {
  if (Array.isArray(value)) value.forEach((item, index) => checkTogether(check, item, [...path, index], around));
  if (!isObject(value)) return;
  const { idempotent = around['idempotent'], select = around['select'], coordinator = around['coordinator'] } = value;
  const report = (field: string, message: string) =>
    check.report({ path: [...path, field], at: 'key', code: 'invalid-with', message });
  if (value['hedge'] !== undefined && idempotent !== true && !isExpression(idempotent))
    report('hedge', 'goes with idempotent: true only');
  const fault = isExpression(select) ? undefined : choosingFault(value, around);
  if (fault) report(fault.field, fault.message);
  for (const [key, inner] of Object.entries(value))
    if (patternField(key) === undefined)
      checkTogether(check, inner, [...path, key], { idempotent, select, coordinator });
}

/** Most fields are evaluated once, before the call; some by the pattern, which has variables of its own. */
function checkExpressions(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  if (Array.isArray(value)) value.forEach((item, index) => checkExpressions(check, item, [...path, index], variables));
  else if (isObject(value)) {
    // A pattern over items may give them a name of its own.
    const known = typeof value['each'] === 'string' ? [...variables, value['each']] : variables;
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, key];
      if (key === 'with' && isMemoryTask(value)) checkMemory(check, inner, at, known);
      else checkParameter(check, patternField(key), inner, at, known);
    }
  } else checkTemplate(check, value, path, variables);
}

function checkParameter(
  check: Check,
  field: PatternField | undefined,
  value: unknown,
  path: Path,
  variables: readonly string[],
): void {
  switch (field) {
    case 'jq':
      return checkField(check, value, path, laterVariables(variables));
    case 'own':
      return checkField(check, value, path, []);
    case 'template':
    case 'question':
      return checkTemplate(check, value, path, laterVariables(variables));
    case 'told':
      return checkTemplate(check, value, path, withoutSecrets([...variables, 'input']));
    case 'schema':
      return checkOutputSchema(check, value, path);
    case 'range':
      checkRange(check, value, path);
      return checkTemplate(check, value, path, variables);
    case 'data':
    case undefined:
      return checkExpressions(check, value, path, variables);
  }
}

function checkRange(check: Check, value: unknown, path: Path): void {
  if (typeof value !== 'string' || isExpression(value) || check.isVersionRange?.(value) !== false) return;
  check.report({ path, code: 'invalid-with', message: 'must be a semver range such as ^1.2.0' });
}

/** What patterns evaluate is journaled, so that no secret may be in it. */
const laterVariables = (variables: readonly string[]) => withoutSecrets([...variables, ...PATTERN_VARIABLES]);

const withoutSecrets = (variables: string[]) =>
  [...new Set(variables)].filter((name) => !(SECRET_VARIABLES as readonly string[]).includes(name));

function checkMemory(check: Check, value: unknown, path: Path, variables: readonly string[]): void {
  const { update, default: _given, ...templates } = fieldsOf(value);
  checkField(check, update, [...path, 'update'], laterVariables(variables));
  checkTemplate(check, templates, path, laterVariables(variables));
}

function checkOutputSchema(check: Check, value: unknown, path: Path): void {
  const refused = isExpression(value) ? undefined : refusalOf(value);
  if (refused) check.report({ path: [...path, ...refused.path], code: 'invalid-schema', message: refused.message });
}

function warnOfAgents(check: Check, value: unknown, path: Path): void {
  const { agents, capabilities } = check.installation ?? {};
  if (Array.isArray(value)) value.forEach((item, index) => warnOfAgents(check, item, [...path, index]));
  if (!isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const known = key === 'agent' ? agents : key === 'capability' ? capabilities : undefined;
    if (typeof inner === 'string' && known && !inner.includes('${') && !known.includes(inner)) {
      const didYouMean = nearest(inner, known);
      check.warn({
        path: [...path, key],
        code: key === 'agent' ? 'unknown-agent' : 'unknown-capability',
        message: key === 'agent' ? `there is no agent "${inner}" yet` : `no agent offers "${inner}" yet`,
        allowed: known,
        ...(didYouMean === undefined ? {} : { didYouMean }),
      });
    } else if (patternField(key) === undefined && key !== 'board') warnOfAgents(check, inner, [...path, key]);
  }
}

function warnOfConnection(check: Check, name: unknown, path: Path): void {
  const known = check.installation?.connections;
  if (typeof name !== 'string' || isExpression(name) || !known || known.includes(name)) return;
  const didYouMean = nearest(name, known);
  const message = `there is no connection "${name}" yet`;
  check.warn({ path, code: 'unknown-connection', message, allowed: known, ...(didYouMean && { didYouMean }) });
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}
