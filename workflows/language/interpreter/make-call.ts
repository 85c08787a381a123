import { ActivityFailure, CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type {
  ConnectorCall,
  FormatCall,
  HttpCall,
  LanguageActivities,
  ProcessCall,
  ServerCall,
} from '../../../contracts/language-activities.js';
import type { NewRunEvent } from '../../../contracts/events.js';
import type { CallResult } from '../../../contracts/run-workflow.js';
import type { Value } from '../../../contracts/values.js';
import { httpCallOptions } from '../../lib/activity-options.js';
import { inline, NULL } from '../../lib/values.js';
import { evaluateField } from './expressions.js';
import { fault, Halt } from './fault.js';
import type { Interpretation } from './interpretation.js';
import type { TaskPlace } from './place.js';
import { startProcess } from './start-process.js';
import { type Published, runPublished } from './run-published.js';

/** Answers later than this fail with a timeout error; the task's own `timeout` may be shorter. */
export const TIMEOUT_MS = 60_000;

/** What the run does not know of a call. */
type Asked<Call> = Omit<Call, 'orgId' | 'runId' | 'key' | 'path' | 'resumed' | 'events' | 'timeoutMs'> & {
  timeoutMs?: number;
};
type Calls = Pick<LanguageActivities, 'callHttp' | 'callServer' | 'callConnector' | 'convertFormat' | 'runProcess'>;
/** Of one request of a connector; how long it waits for its turn is the run's to say. */
const CONNECTOR_TIMEOUT_MS = 30_000;

export const makeHttpCall = async (run: Interpretation, place: TaskPlace, asked: Asked<HttpCall>): Promise<Value> =>
  outputOf(place, await make(run, place, asked, ({ callHttp }, call) => callHttp(call)));

export const makeServerCall = async (run: Interpretation, place: TaskPlace, asked: Asked<ServerCall>): Promise<Value> =>
  outputOf(place, await make(run, place, asked, ({ callServer }, call) => callServer(call)));

export const makeFormatCall = async (run: Interpretation, place: TaskPlace, asked: Asked<FormatCall>): Promise<Value> =>
  outputOf(place, await make<FormatCall>(run, place, asked, ({ convertFormat }, call) => convertFormat(call)));

/** What stands in for the connection that did not answer makes the run `degraded`. */
export async function makeConnectorCall(
  run: Interpretation,
  place: TaskPlace,
  asked: Asked<ConnectorCall>,
): Promise<Value> {
  const patient = { ...asked, timeoutMs: CONNECTOR_TIMEOUT_MS };
  const result = await make<ConnectorCall>(run, place, patient, ({ callConnector }, call) => callConnector(call));
  const workflow = result.error?.fallback?.workflow;
  if (result.degraded || workflow !== undefined) place.ctx.degrade();
  return workflow === undefined ? outputOf(place, result) : standIn(run, place, { workflow, result, asked });
}

/** It is told which call it stands in for, unless that holds secrets. */
async function standIn(
  run: Interpretation,
  place: TaskPlace,
  { workflow, result, asked }: { workflow: Published; result: CallResult; asked: Asked<ConnectorCall> },
): Promise<Value> {
  const { code = '', message = '' } = result.error ?? {};
  const { request: call, parts } = asked;
  const given = 'secrets' in parts ? NULL : await evaluateField(place, '.with', parts.request, {});
  const told = { function: inline(call.function), with: given, error: inline({ code, message }) };
  return runPublished(run, place, workflow, { object: told });
}

/** Scripts and commands have work to do; the task's own `timeout` may be shorter. */
const PROCESS_TIMEOUT_MS = 600_000;

export async function makeProcessCall(
  run: Interpretation,
  place: TaskPlace,
  asked: Asked<ProcessCall>,
): Promise<Value> {
  const patient = { ...asked, timeoutMs: PROCESS_TIMEOUT_MS };
  return outputOf(place, await make<ProcessCall>(run, place, patient, ({ runProcess }, call) => runProcess(call)));
}

/** A process that nobody waits for: its end is on the run's record, no task's. */
export async function startProcessCall(
  run: Interpretation,
  place: TaskPlace,
  asked: Asked<ProcessCall>,
): Promise<void> {
  await place.ctx.flush();
  await startProcess(callAt<ProcessCall>(run, place, { ...asked, timeoutMs: PROCESS_TIMEOUT_MS }, []));
}

function callAt<Call>(
  run: Interpretation,
  { ctx, path }: TaskPlace,
  { timeoutMs = TIMEOUT_MS, ...asked }: Asked<Call>,
  events: NewRunEvent[],
): Call {
  const { resumed } = ctx.start;
  return { ...run.ref, key: path.slice(1), path, resumed, events, ...asked, timeoutMs } as Call;
}

async function make<Call>(
  run: Interpretation,
  place: TaskPlace,
  asked: Asked<Call>,
  send: (activities: Calls, call: Call) => Promise<CallResult>,
): Promise<CallResult> {
  const { ctx } = place;
  const { deadlineAt } = ctx.start;
  const { timeoutMs = TIMEOUT_MS } = asked;
  const scope = new CancellationScope();
  const forget = ctx.onStop(() => scope.cancel());
  const events = ctx.takeEvents();
  try {
    const activities = proxyActivities<LanguageActivities>(
      httpCallOptions(timeoutMs, deadlineAt - Date.now(), ctx.heartbeatMs),
    );
    return await scope.run(() => send(activities, callAt(run, place, asked, events)));
  } catch (error) {
    if (!(error instanceof ActivityFailure) && !isCancellation(error)) throw error;
    ctx.putBackEvents(events);
    if (Date.now() >= deadlineAt) await ctx.wait(1); // It stops the run.
    if (ctx.stopped !== undefined) throw new Halt();
    throw fault('runtime', place.pointer, { detail: 'the call could not be made' });
  } finally {
    forget();
  }
}

/** Failures of calls are errors of the language. */
function outputOf({ pointer }: TaskPlace, { output, error }: CallResult): Value {
  if (!error) return output ?? NULL;
  const detail = error.message;
  const status = /^(?:http|grpc)\.(\d{3})$/.exec(error.code)?.[1];
  if (status !== undefined) throw fault('communication', pointer, { status: Number(status), detail });
  switch (error.code) {
    case 'process.refused':
    case 'function.not_found':
    case 'connection.not_found':
    case 'connection.not_usable':
      throw fault('configuration', pointer, { detail });
    case 'connector.auth':
      throw fault('authentication', pointer, { detail });
    case 'connector.forbidden':
      throw fault('authorization', pointer, { detail });
    case 'connector.not_found':
      throw fault('communication', pointer, { status: 404, detail });
    case 'connector.conflict':
      throw fault('communication', pointer, { status: 409, detail });
    case 'connector.validation':
      throw fault('communication', pointer, { status: 422, detail });
    case 'connector.rate_limited':
      throw fault('communication', pointer, { status: 429, detail });
    case 'connector.unavailable':
    case 'connector.circuit_open':
      throw fault('communication', pointer, { status: 503, detail });
    case 'process.failed':
    case 'server.failed':
      throw fault('runtime', pointer, { detail });
    case 'document.unusable':
      throw fault('configuration', pointer, { detail });
    case 'validation.failed':
      throw fault('validation', pointer, { detail });
    case 'authentication.failed':
      throw fault('authentication', pointer, { detail });
    case 'http.refused':
    case 'secret.not_found':
      throw fault('authorization', pointer, { detail });
    case 'http.timeout':
      throw fault('timeout', pointer, { detail });
    case 'expression.failed':
      throw fault('expression', pointer, { detail });
    default:
      throw fault('communication', pointer, { status: error.code === 'http.unreachable' ? 503 : 502, detail });
  }
}
