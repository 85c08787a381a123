import { patched } from '@temporalio/workflow';
import type { CallTask, FunctionCall, ProtocolCall, Task } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { callAsyncApi } from './call-asyncapi.js';
import { callConnector, isConnector } from './call-connector.js';
import { callFormat, isFormat } from './call-format.js';
import { callHttp, callOpenApi } from './call-http.js';
import { callA2a, callGrpc, callMcp } from './call-server.js';
import { isOutside, outsideFunction } from '../outside-function.js';
import { callPattern } from '../call-pattern.js';
import { evaluateTemplate } from '../expressions.js';
import { fault } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { TaskEnd, TaskPlace } from '../place.js';

/** Those whose calls lead nowhere but to the next task. */
type Protocol = Exclude<ProtocolCall['call'], 'asyncapi'>;
type Performer<Name extends Protocol> = (
  run: Interpretation,
  place: TaskPlace,
  task: Extract<ProtocolCall, { call: Name }>,
  input: Value,
) => Promise<Value>;

const PROTOCOLS: { readonly [Name in Protocol]: Performer<Name> } = {
  http: callHttp,
  openapi: callOpenApi,
  grpc: callGrpc,
  a2a: callA2a,
  mcp: callMcp,
};
/** `market`, `market:1.0.0`, `market:1.0.0@default`. */
const FUNCTION = /^([\w.-]+)(?::([\w.+-]+))?(?:@([\w-]+))?$/;
/** The functions of the catalogue `default` have this version. */
const VERSION = '1.0.0';

/** A protocol, a function of the definition, or one of the catalogue `default`. */
export async function performCall(
  run: Interpretation,
  place: TaskPlace,
  task: CallTask,
  input: Value,
): Promise<TaskEnd> {
  const { call } = task;
  if (isAsyncApi(task)) return callAsyncApi(run, place, task, input);
  if (isProtocol(call))
    return { output: await (PROTOCOLS[call] as Performer<Protocol>)(run, place, task as never, input) };
  const own = run.definition.use?.functions;
  if (own && Object.hasOwn(own, call))
    return performFunction(run, place, task as FunctionCall, own[call] as Task, input);
  if (isOutside(call, run.definition))
    return performFunction(run, place, task as FunctionCall, await outsideFunction(run, place, call, input), input);
  const name = catalogueName(call);
  if (name !== undefined && place.ctx.hasPattern(name))
    return { output: await callPattern(run, place, { ...(task as FunctionCall), call: name }, input) };
  if (name !== undefined && isFormat(name))
    return { output: await callFormat(run, place, { ...(task as FunctionCall), call: name }, input) };
  if (name !== undefined && isConnector(name))
    return { output: await callConnector(run, place, { ...(task as FunctionCall), call: name }, input) };
  throw fault('configuration', place.pointer, { detail: `there is no function ${call}` });
}

const isAsyncApi = (task: CallTask): task is Extract<ProtocolCall, { call: 'asyncapi' }> => task.call === 'asyncapi';

const isProtocol = (call: string): call is Protocol => Object.hasOwn(PROTOCOLS, call);

/**
 * Its task gets what `with` evaluates to as input; without `with` that of the caller. It is a task of the run as any
 * other: an `end` in it ends the run.
 */
async function performFunction(
  run: Interpretation,
  place: TaskPlace,
  { call, with: given }: FunctionCall,
  task: Task,
  input: Value,
): Promise<TaskEnd> {
  refuseCycle(place, call);
  const { functions, variables } = place;
  const raw =
    given === undefined ? input : await evaluateTemplate(place, given as Json, input, bodyVariables(run, place));
  const inner: TaskPlace = { ...place, functions: [...functions, call], variables };
  const { output, then } = await run.perform.flow(run, inner, task, raw, Date.now());
  // Runs that began before this was heeded go on without it.
  return { output, ...(then === 'end' && patched('2026-11-function-end') && { then }) };
}

/** Functions inside functions end here. */
const MOST_DEEP = 20;

function refuseCycle({ functions, pointer }: TaskPlace, call: string): void {
  if (functions.includes(call)) throw fault('configuration', pointer, { detail: `the function ${call} calls itself` });
  if (functions.length >= MOST_DEEP)
    throw fault('configuration', pointer, { detail: `functions call each other at most ${MOST_DEEP} deep` });
}

/** The name in the catalogue `default`, when that is what is called. */
function catalogueName(call: string): string | undefined {
  const [, name, version = VERSION, catalogue = 'default'] = FUNCTION.exec(call) ?? [];
  return version === VERSION && catalogue === 'default' ? name : undefined;
}
