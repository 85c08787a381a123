import type { Json } from '../../../../contracts/json.js';
import { durationMs } from '../../interpreter/duration.js';
import { nearest } from '../nearest.js';
import type { Finding, Path } from '../problem.js';
import { DEFINITION_SCHEMA } from '../schema/definition.schema.js';
import { isExpression } from '../schema/findings.js';
import { isObject } from '../schema/values.js';
import { type Check, type CheckOptions, fieldsOf, itemsOf, namedItems } from './check.js';
import { cronProblem } from './cron.js';
import { checkField, checkFilter, checkTemplate } from './expressions.js';
import { checkFunctionCycles } from './function-cycles.js';
import { checkList, checkUnique } from './lists.js';
import {
  checkAuthentication,
  checkDuration,
  checkEndpoint,
  checkEvents,
  checkRetry,
  checkTimeout,
  checkValueSchema,
} from './parts.js';
import { SECRET_VARIABLES, variablesAt } from './scope.js';
import { checkTask } from './tasks.js';

const DSL_VERSIONS = ['1.0.0', '1.0.1', '1.0.2', '1.0.3'];
const SCHEDULES = ['every', 'cron', 'after', 'on'] as const;

/** What a schema cannot say of a definition: names, targets, expressions, references, parameters. */
export function checkMeaning(
  definition: Record<string, unknown>,
  options: CheckOptions,
): { errors: Finding[]; warnings: Finding[] } {
  const errors: Finding[] = [];
  const warnings: Finding[] = [];
  const use = fieldsOf(definition['use']);
  const check: Check = {
    ...options,
    report: (finding) => errors.push(finding),
    warn: (finding) => warnings.push(finding),
    use: Object.fromEntries(Object.entries(use).map(([section, value]) => [section, fieldsOf(value)])),
    secrets: itemsOf(use['secrets']).filter((name) => typeof name === 'string'),
    isLoose: fieldsOf(definition['evaluate'])['mode'] === 'loose',
    tasks: 0,
  };
  checkHead(check, definition);
  checkEdges(check, definition);
  checkUse(check, definition);
  checkSchedule(check, definition['schedule']);
  checkList(check, definition['do'], ['do'], [], checkTask);
  return { errors, warnings };
}

function checkHead(check: Check, definition: Record<string, unknown>): void {
  const { dsl } = fieldsOf(definition['document']);
  if (typeof dsl === 'string' && /^\d+\.\d+\.\d+/.test(dsl) && !DSL_VERSIONS.includes(dsl)) {
    const message = `version ${dsl} of the language is not known`;
    check.report({ path: ['document', 'dsl'], code: 'unsupported-dsl', message, allowed: DSL_VERSIONS });
  }
  const { language } = fieldsOf(definition['evaluate']);
  if (typeof language === 'string' && language !== 'jq') {
    const message = `expressions are jq, not ${language}`;
    check.report({ path: ['evaluate', 'language'], code: 'unsupported-language', message, allowed: ['jq'] });
  }
  const known = Object.keys(DEFINITION_SCHEMA.properties ?? {});
  for (const key of Object.keys(definition)) {
    if (known.includes(key)) continue;
    const didYouMean = nearest(key, known);
    check.warn({
      path: [key],
      at: 'key',
      code: 'unknown-top-level',
      message: `"${key}" is not known here and means nothing`,
      allowed: known,
      ...(didYouMean === undefined ? {} : { didYouMean }),
    });
  }
}

/** Input, output and timeout of the whole run. */
function checkEdges(check: Check, { input, output, timeout }: Record<string, unknown>): void {
  checkFilter(check, fieldsOf(input)['from'], ['input', 'from'], variablesAt('run-input'));
  checkValueSchema(check, fieldsOf(input)['schema'], ['input', 'schema']);
  checkFilter(check, fieldsOf(output)['as'], ['output', 'as'], variablesAt('run-output'));
  checkValueSchema(check, fieldsOf(output)['schema'], ['output', 'schema']);
  checkTimeout(check, timeout, ['timeout'], variablesAt('run-input'));
}

/** What is used by name is used at several places: the variables of each of them may be there. */
function checkUse(check: Check, definition: Record<string, unknown>): void {
  const use = fieldsOf(definition['use']);
  const body = variablesAt('body');
  const withSecrets = [...body, ...SECRET_VARIABLES];
  const each = (section: string, visit: (value: unknown, path: string[]) => void) =>
    Object.entries(fieldsOf(use[section])).forEach(([name, value]) => visit(value, ['use', section, name]));
  each('authentications', (value, path) => checkAuthentication(check, value, path, withSecrets));
  each('catalogs', (value, path) =>
    checkEndpoint(check, fieldsOf(value)['endpoint'], [...path, 'endpoint'], withSecrets),
  );
  each('errors', (value, path) => checkTemplate(check, value, path, body));
  each('retries', (value, path) => checkRetry(check, value, path, [...body, ...caughtNames(definition)]));
  each('timeouts', (value, path) => checkDuration(check, fieldsOf(value)['after'], [...path, 'after'], body));
  each('functions', (value, path) => checkTask(check, value, path, { scope: [], targets: [] }));
  checkFunctionCycles(check);
  const extensions = namedItems(use['extensions']);
  checkUnique(check, extensions, ['use', 'extensions'], 'extension');
  for (const { index, name, value } of extensions) {
    const { when, before, after } = fieldsOf(value);
    const path = ['use', 'extensions', index, name];
    checkField(check, when, [...path, 'when'], body);
    checkList(check, before, [...path, 'before'], [], checkTask);
    checkList(check, after, [...path, 'after'], ['output'], checkTask);
  }
}

/** Names that catches give to errors anywhere in the document; a policy used by name may be used at any of them. */
function caughtNames(definition: unknown): string[] {
  const names = new Set(['error']);
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isObject(value)) return;
    const { as } = fieldsOf(value['catch']);
    if (typeof as === 'string') names.add(as);
    Object.values(value).forEach(visit);
  };
  visit(definition);
  return [...names];
}

function checkSchedule(check: Check, schedule: unknown): void {
  if (!isObject(schedule)) return;
  const kinds = SCHEDULES.filter((kind) => Object.hasOwn(schedule, kind));
  const [, second] = kinds;
  if (kinds.length === 0) {
    const message = 'needs one of these fields';
    check.report({ path: ['schedule'], at: 'key', code: 'schedule-kinds', message, allowed: SCHEDULES });
  }
  if (second !== undefined) {
    const message = `"${second}" does not go with "${kinds[0]}": a schedule is of one kind`;
    check.report({ path: ['schedule', second], at: 'key', code: 'schedule-kinds', message });
  }
  const { every, cron, after, on } = schedule;
  checkPeriod(check, every, ['schedule', 'every']);
  checkPeriod(check, after, ['schedule', 'after']);
  checkEvents(check, on, ['schedule', 'on'], []);
  const wrong = typeof cron === 'string' ? cronProblem(cron) : undefined;
  if (wrong) check.report({ path: ['schedule', 'cron'], code: 'invalid-cron', message: wrong });
}

/** Between the runs that a schedule begins, milliseconds: a second to ten years. */
const PERIODS_MS = { least: 1_000, most: 10 * 365 * 86_400_000 };

function checkPeriod(check: Check, value: unknown, path: Path): void {
  checkDuration(check, value, path, []);
  const ms = durationMs((value ?? null) as Json);
  const isRight = ms === undefined ? !isExpression(value) : ms >= PERIODS_MS.least && ms <= PERIODS_MS.most;
  if (isRight) return;
  const message = 'must be a duration from PT1S to P10Y, not an expression';
  check.report({ path, code: 'out-of-range', message });
}
