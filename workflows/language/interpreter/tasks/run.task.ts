import type { RunProcess, RunTask } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { inline, NULL, plain } from '../../../lib/values.js';
import { authenticationIn, policyOf } from '../authentication.js';
import { addressOf, callPartsOf, hasExpression } from '../call-parts.js';
import { evaluateField, evaluateTemplate } from '../expressions.js';
import { fault } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import { makeProcessCall, startProcessCall } from '../make-call.js';
import type { TaskEnd, TaskPlace } from '../place.js';
import { type Published, runPublished } from '../run-published.js';

type ScriptSource = Required<Pick<NonNullable<RunProcess['script']>, 'source'>>;
type Wanted = NonNullable<RunProcess['return']>;

/**
 * Runs a published workflow as a run of its own. Its output is the task's, its error is raised here; with `await: false`
 * the run goes on by itself, as a process does, and the output is the input. Processes of the operating system need the
 * operator's leave.
 */
export async function performRun(run: Interpretation, place: TaskPlace, task: RunTask, input: Value): Promise<TaskEnd> {
  const { workflow, await: isAwaited = true, return: wanted = 'stdout' } = task.run;
  if (!workflow) return performProcess(run, place, task.run, input);
  const { input: given, ...written } = workflow;
  const named = hasExpression(written) ? await namedIn(run, place, written, input) : written;
  const data =
    given === undefined ? input : await evaluateTemplate(place, given as Json, input, bodyVariables(run, place));
  const output = await runPublished(run, place, named, data, isAwaited);
  return { output: isAwaited ? returned(wanted, { code: 0, stdout: output, stderr: '' }) : input };
}

/** Which workflow it is may be an expression, too. */
async function namedIn(run: Interpretation, place: TaskPlace, written: Published, input: Value): Promise<Published> {
  const made = plain(await evaluateTemplate(place, { ...written }, input, bodyVariables(run, place)));
  const { namespace, name, version } = (made ?? {}) as Record<string, Json>;
  if (typeof namespace === 'string' && typeof name === 'string' && typeof version === 'string')
    return { namespace, name, version };
  throw fault('expression', place.pointer, { detail: 'namespace, name and version of run.workflow must be text' });
}

/** A process of the operator's machine: one that ends with another code than 0 has failed, unless its code is asked for. */
async function performProcess(
  run: Interpretation,
  place: TaskPlace,
  task: RunTask['run'],
  input: Value,
): Promise<TaskEnd> {
  const { pointer } = place;
  const { await: isAwaited = true, return: wanted = 'stdout' } = task;
  const kind = (['container', 'script', 'shell'] as const).find((name) => task[name] !== undefined);
  if (kind === undefined) throw fault('configuration', pointer, { detail: 'run needs something to run' });
  const { source, ...request } = task[kind] as Record<string, Json>;
  const resource = source === undefined ? undefined : (task.script as ScriptSource).source;
  const uri = resource && (await addressOf(run, place, resource.endpoint, input));
  const document = resource && policyOf(run, place, authenticationIn(resource.endpoint));
  const asked = {
    request: { kind: 'process' as const, process: kind, ...(uri !== undefined && { source: uri }) },
    parts: await callPartsOf(run, place, { request, authentication: undefined, document }, input),
  };
  if (!isAwaited) {
    await startProcessCall(run, place, asked);
    return { output: input };
  }
  const output = await makeProcessCall(run, place, asked);
  const end = await readEnd(place, output);
  if (end.code !== 0 && wanted !== 'code' && wanted !== 'all') {
    const detail = `run.${kind} ended with code ${end.code}: ${end.stderr.trim().slice(0, MAX_COMPLAINT)}`;
    throw fault('runtime', pointer, { detail });
  }
  return { output: returned(wanted, end) };
}

/** Large outputs are stored: what is asked for is taken out of them. */
async function readEnd(place: TaskPlace, output: Value): Promise<ProcessEnd> {
  const [code, stdout, stderr] = await Promise.all(
    ['.code', '.stdout', `.stderr[:${MAX_STDERR}]`].map((field) => evaluateField(place, field, output, {})),
  );
  const told = plain(stderr as Value);
  return { code: Number(plain(code as Value)), stdout: stdout as Value, stderr: typeof told === 'string' ? told : '' };
}

const MAX_COMPLAINT = 1_000;
/** Of what is kept of it; the rest of what a process says belongs on its output. */
const MAX_STDERR = 10_000;

interface ProcessEnd {
  code: number;
  stdout: Value;
  stderr: string;
}

function returned(wanted: Wanted, { code, stdout, stderr }: ProcessEnd): Value {
  switch (wanted) {
    case 'stdout':
      return stdout;
    case 'stderr':
      return inline(stderr);
    case 'code':
      return inline(code);
    case 'all':
      return { object: { code: inline(code), stdout, stderr: inline(stderr) } };
    case 'none':
      return NULL;
  }
}
