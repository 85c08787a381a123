import type { TaskKind } from '../../../../contracts/definition-tasks.js';
import { TASK_KINDS } from '../../task-kind.js';
import type { Path } from '../problem.js';
import { isObject } from '../schema/values.js';
import { checkCall, checkIterator, warnRefused } from './calls.js';
import { type Check, fieldsOf, namedItems } from './check.js';
import { checkField, checkFilter, checkTemplate } from './expressions.js';
import { type Around, checkList, checkTarget, checkUnique } from './lists.js';
import {
  checkDuration,
  checkEvents,
  checkResource,
  checkRetry,
  checkTimeout,
  checkValueSchema,
  variableName,
} from './parts.js';
import { CALL_SCHEMAS } from '../schema/call.schema.js';
import { checkUndo } from './functions.js';
import { checkEmitted, checkKeyOption, warnIgnored } from './ignored.js';
import { checkReference, reportUnknown } from './references.js';
import { variablesAt } from './scope.js';

type Fields = Record<string, unknown>;

/** The meaning of one task and of all inside it; what is malformed was said before, and is passed over. */
export function checkTask(check: Check, task: unknown, path: Path, around: Around): void {
  if (!isObject(task)) return;
  checkCommon(check, task, path, around);
  const kind = TASK_KINDS.find((key) => Object.hasOwn(task, key));
  if (kind) CHECKS[kind](check, task, path, around);
}

function checkCommon(check: Check, task: Fields, path: Path, around: Around): void {
  const { scope } = around;
  const before = variablesAt('before', scope);
  const { input, output, export: exported } = task;
  checkField(check, task['if'], [...path, 'if'], before);
  checkFilter(check, fieldsOf(input)['from'], [...path, 'input', 'from'], before);
  checkFilter(check, fieldsOf(output)['as'], [...path, 'output', 'as'], variablesAt('body', scope));
  checkFilter(check, fieldsOf(exported)['as'], [...path, 'export', 'as'], variablesAt('export', scope));
  for (const [name, part] of Object.entries({ input, output, export: exported }))
    checkValueSchema(check, fieldsOf(part)['schema'], [...path, name, 'schema']);
  checkTimeout(check, task['timeout'], [...path, 'timeout'], variablesAt('body', scope));
  checkTarget(check, task['then'], [...path, 'then'], around);
  checkOptions(check, task, [...path, 'metadata', 'brikk'], variablesAt('body', scope));
}

function checkOptions(check: Check, task: Fields, path: Path, variables: readonly string[]): void {
  const { idempotencyKey, compensate, needs } = fieldsOf(fieldsOf(task['metadata'])['brikk']);
  checkTemplate(check, idempotencyKey, [...path, 'idempotencyKey'], variables);
  checkKeyOption(check, task, idempotencyKey, path);
  checkUndo(check, compensate, [...path, 'compensate'], variables);
  if (needs !== undefined && typeof task['call'] === 'string' && Object.hasOwn(CALL_SCHEMAS, task['call']))
    check.report({
      path: [...path, 'needs'],
      at: 'key',
      code: 'not-allowed',
      message: 'only calls of agents lease resources',
    });
}

type CheckKind = (check: Check, task: Fields, path: Path, around: Around) => void;

const CHECKS: { [Kind in TaskKind]: CheckKind } = {
  call: (check, task, path, { scope }) => checkCall(check, task, path, scope, checkTask),
  do: (check, task, path, { scope }) => checkList(check, task['do'], [...path, 'do'], scope, checkTask),
  emit(check, { emit }, path, { scope }) {
    const { event } = fieldsOf(emit);
    const at = [...path, 'emit', 'event'];
    if (isObject(event) && event['with'] === undefined)
      check.report({
        path: at,
        at: 'key',
        code: 'missing-field',
        message: 'needs "with": the attributes of the event',
      });
    else checkEmitted(check, event, at);
    checkTemplate(check, event, at, variablesAt('body', scope));
  },
  for(check, { for: loop, while: holds, do: list }, path, { scope }) {
    const { each, in: items, at } = fieldsOf(loop);
    const where = [...path, 'for'];
    if (typeof items === 'string') checkField(check, items, [...where, 'in'], variablesAt('body', scope));
    else checkTemplate(check, items, [...where, 'in'], variablesAt('body', scope));
    const inner = [
      ...scope,
      variableName(check, each, [...where, 'each'], 'item'),
      variableName(check, at, [...where, 'at'], 'index'),
    ];
    checkField(check, holds, [...path, 'while'], variablesAt('body', inner));
    checkList(check, list, [...path, 'do'], inner, checkTask);
  },
  fork: (check, { fork }, path, { scope }) =>
    checkList(check, fieldsOf(fork)['branches'], [...path, 'fork', 'branches'], scope, checkTask, true),
  listen(check, { listen, foreach }, path, { scope }) {
    checkEvents(check, fieldsOf(listen)['to'], [...path, 'listen', 'to'], variablesAt('body', scope));
    checkIterator(check, foreach, [...path, 'foreach'], scope, checkTask);
  },
  raise(check, { raise }, path, { scope }) {
    const { error } = fieldsOf(raise);
    const at = [...path, 'raise', 'error'];
    checkReference(check, 'errors', error, at);
    checkTemplate(check, isObject(error) ? error : undefined, at, variablesAt('body', scope));
  },
  run: checkRun,
  set: (check, { set }, path, { scope }) => checkTemplate(check, set, [...path, 'set'], variablesAt('body', scope)),
  switch: checkSwitch,
  try: checkTry,
  wait: (check, { wait }, path, { scope }) => checkDuration(check, wait, [...path, 'wait'], variablesAt('body', scope)),
};

/** What a process is given may hold secrets; what it is, and where it is told from, may not. */
const GIVEN = new Set(['arguments', 'environment', 'stdin']);

function checkRun(check: Check, { run }: Fields, path: Path, { scope }: Around): void {
  const { workflow, script, ...rest } = fieldsOf(run);
  const at = [...path, 'run'];
  const variables = variablesAt('body', scope);
  checkTemplate(check, { workflow }, at, variables);
  for (const [kind, process] of Object.entries({ script, ...rest }))
    for (const [field, value] of Object.entries(fieldsOf(process)))
      if (field !== 'source')
        checkTemplate(check, value, [...at, kind, field], GIVEN.has(field) ? [...variables, 'secrets'] : variables);
  checkResource(check, fieldsOf(script)['source'], [...at, 'script', 'source'], variables);
  for (const kind of ['container', 'script', 'shell'] as const)
    if (Object.hasOwn(fieldsOf(run), kind)) {
      warnRefused(check, kind, [...at, kind]);
    }
  if (rest['await'] === false && rest['return'] !== undefined)
    warnIgnored(check, [...at, 'return'], 'what nobody waits for gives nothing');
  const { namespace, name } = fieldsOf(workflow);
  const known = check.installation?.workflows;
  if (!known || typeof namespace !== 'string' || typeof name !== 'string' || known.includes(`${namespace}/${name}`))
    return;
  const warning: Check = { ...check, report: (finding) => check.warn(finding) };
  const message = `there is no workflow "${namespace}/${name}" yet`;
  reportUnknown(warning, [...at, 'workflow', 'name'], 'unknown-workflow', message, `${namespace}/${name}`, known);
}

function checkSwitch(check: Check, task: Fields, path: Path, around: Around): void {
  const at = [...path, 'switch'];
  const cases = namedItems(task['switch']);
  checkUnique(check, cases, at, 'case');
  let defaults = 0;
  for (const { index, name, value } of cases) {
    const { when, then } = fieldsOf(value);
    const here = [...at, index, name];
    if (isObject(value) && when === undefined && ++defaults > 1)
      check.report({
        path: here,
        at: 'key',
        code: 'duplicate-default',
        message: 'there is another case without when: one at most is the default',
      });
    checkField(check, when, [...here, 'when'], variablesAt('body', around.scope));
    checkTarget(check, then, [...here, 'then'], around);
  }
}

/** The filter of a catch is compared as it stands: what depends on data is for `when`. */
function checkStatic(check: Check, filter: Fields, path: Path): void {
  for (const [field, value] of Object.entries(filter))
    if (typeof value === 'string' && value.includes('${'))
      check.warn({
        path: [...path, field],
        code: 'static-filter',
        message: 'is compared as it stands and equals no error: an expression over the error belongs in when',
      });
}

function checkTry(check: Check, { try: list, catch: caught }: Fields, path: Path, around: Around): void {
  checkList(check, list, [...path, 'try'], around.scope, checkTask);
  const at = [...path, 'catch'];
  const { as, when, exceptWhen, retry, do: remedy, then, errors } = fieldsOf(caught);
  const inner = [...around.scope, variableName(check, as, [...at, 'as'], 'error')];
  const variables = variablesAt('body', inner);
  checkStatic(check, fieldsOf(fieldsOf(errors)['with']), [...at, 'errors', 'with']);
  checkField(check, when, [...at, 'when'], variables);
  checkField(check, exceptWhen, [...at, 'exceptWhen'], variables);
  checkRetry(check, retry, [...at, 'retry'], variables);
  checkList(check, remedy, [...at, 'do'], inner, checkTask);
  checkTarget(check, then, [...at, 'then'], around);
}
