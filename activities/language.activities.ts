import { Context } from '@temporalio/activity';
import type { DefinitionResources } from '../contracts/definition-resources.js';
import type { LanguageActivities, OutsideCall } from '../contracts/language-activities.js';
import { type ProcessKind, refusedProcess } from '../contracts/processes.js';
import { PATTERN_PARAMS } from '../contracts/patterns.js';
import type { CallResult, FinishedCall } from '../contracts/run-workflow.js';
import type { Value } from '../contracts/values.js';
import { beating } from './beat.js';
import { makeConnectorCall } from './connector-call.js';
import type { ConnectorOptions } from './connector-send.js';
import { callResult } from './call-result.js';
import { checkTasks } from './check-tasks.js';
import { carry } from './claim-check.js';
import type { CallJournal, ChildRuns, RunEvents } from './dependencies.js';
import { makeFormatCall } from './convert-format.js';
import { fetchResource, readResource } from './fetch-resource.js';
import { makeHttpCall } from './http-call.js';
import { namingFailures } from './naming-failures.js';
import { type AnyRequest, nameOf } from './name-of-call.js';
import { OAuthTokens } from './oauth-tokens.js';
import { makeOutsideCall, type Outcome, type OutsideOptions, type Prepared } from './outside-call.js';
import { makeProcessCall } from './process-call.js';
import { makeServerCall, type Servers } from './server-call.js';

export interface LanguageActivityOptions extends Omit<OutsideOptions, 'tokens'> {
  servers: Omit<Servers, 'processes'>;
  connectors: Omit<ConnectorOptions, 'web'>;
  events: RunEvents;
  journal: CallJournal;
  children: ChildRuns;
  resources: DefinitionResources;
  /** What the operator lets definitions start on this machine. */
  processes: readonly ProcessKind[];
}

const MAX_MESSAGES = 10;

/** What runs of definitions ask for, and plans in their language. */
export function createLanguageActivities(given: LanguageActivityOptions): LanguageActivities {
  const options = { ...given, tokens: new OAuthTokens(given.web) };
  return namingFailures<LanguageActivities>({
    async readParams({ function: name, with: given }) {
      const parsed = PATTERN_PARAMS[name].safeParse(given);
      if (parsed.success) return { params: parsed.data };
      const issues = parsed.error.issues.slice(0, MAX_MESSAGES);
      return { errors: issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()) };
    },
    checkTasks: async (request) => ({ errors: checkTasks(request) }),
    async checkProcesses({ processes }) {
      return { errors: processes.filter((kind) => !options.processes.includes(kind)).map(refusedProcess) };
    },
    runProcess: (call) => record(options, call, (made, prepared) => makeProcessCall(options.processes, made, prepared)),
    callHttp: (call) => record(options, call, makeHttpCall),
    callServer: (call) => {
      const servers = { ...options.servers, processes: options.processes };
      return record(options, call, (made, prepared) => makeServerCall(servers, made, prepared));
    },
    callConnector: (call) => {
      const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = Context.current().info;
      const deadlineAt = scheduledTimestampMs + scheduleToCloseTimeoutMs;
      return record(options, call, (made, prepared) =>
        makeConnectorCall({ ...options.connectors, web: options.web }, made, prepared, deadlineAt),
      );
    },
    convertFormat: (call) => record(options, call, makeFormatCall),
    async fetchResource(call) {
      const { orgId } = call;
      const result = await record(options, call, (made, prepared) => fetchResource(options.resources, made, prepared));
      if (result.error) return { error: result.error };
      return readResource(await options.payloads.materialise(orgId, result.output as Value));
    },
    openChild: (request) => options.children.open(request),
    readChild: (request) => options.children.read(request),
  });
}

/** In the journal before it is reported: a repeat after a crash reads it, and makes only what is missing. */
async function record<Call extends OutsideCall<AnyRequest>>(
  options: LanguageActivityOptions & OutsideOptions,
  call: Call,
  make: (call: Call, prepared: Prepared) => Promise<Outcome>,
): Promise<CallResult> {
  const { events, journal, payloads } = options;
  const context = Context.current();
  const { orgId, runId, key, path } = call;
  return beating(async () => {
    if (call.events.length > 0) await events.append(orgId, runId, call.events);
    const isRepeat = context.info.attempt > 1 || call.resumed;
    const known = isRepeat ? (await journal.outcomes(orgId, runId, [key])).get(key) : undefined;
    if (known) return callResult(known);
    const startedAt = new Date();
    const made = await makeOutsideCall(options, call, context.cancellationSignal, make);
    // A document that could not be had may be there later.
    if (call.request.kind === 'resource' && 'error' in made)
      return { key, status: 'failed', error: made.error, queueMs: 0, execMs: Date.now() - startedAt.getTime() };
    const finished: FinishedCall = {
      key,
      agentId: null,
      agent: nameOf(call.request),
      version: null,
      instanceId: null,
      attempts: 1,
      usage: {},
      queueMs: 0,
      execMs: Date.now() - startedAt.getTime(),
      ...('error' in made
        ? { status: 'failed', error: made.error }
        : {
            status: 'completed',
            output: await carry(payloads, call, made.output),
            ...(made.degraded && { degraded: true }),
          }),
    };
    return callResult((await journal.record(orgId, runId, { ...finished, path, startedAt })).call);
  });
}
