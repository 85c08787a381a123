import type { ProcessKind } from '../../../../contracts/processes.js';
import type { Path } from '../problem.js';
import { type Check, fieldsOf } from './check.js';
import { checkField, checkFilter, checkTemplate } from './expressions.js';
import { checkFunctionCall } from './functions.js';
import { checkTransportOptions, warnIgnored } from './ignored.js';
import { type CheckTask, checkList } from './lists.js';
import {
  checkAuthentication,
  checkDuration,
  checkEndpoint,
  checkResource,
  checkValueSchema,
  variableName,
} from './parts.js';
import { type Scope, SECRET_VARIABLES, variablesAt } from './scope.js';

/** `call` with what it calls; secrets are there inside of `with` alone. */
export function checkCall(check: Check, task: Record<string, unknown>, path: Path, scope: Scope, checkTask: CheckTask) {
  const at = [...path, 'with'];
  const variables = [...variablesAt('body', scope), ...SECRET_VARIABLES];
  const given = fieldsOf(task['with']);
  switch (task['call']) {
    case 'http': {
      const { endpoint, ...rest } = given;
      checkEndpoint(check, endpoint, [...at, 'endpoint'], variables);
      return checkTemplate(check, rest, at, variables);
    }
    case 'openapi':
    case 'asyncapi': {
      const { document, authentication, subscription, ...rest } = given;
      checkResource(check, document, [...at, 'document'], variables);
      checkAuthentication(check, authentication, [...at, 'authentication'], variables);
      if (task['call'] === 'asyncapi') checkProtocol(check, given, [...at, 'protocol']);
      checkSubscription(check, subscription, [...at, 'subscription'], scope, checkTask);
      return checkTemplate(check, rest, at, variables);
    }
    case 'grpc': {
      const { proto, service, ...rest } = given;
      const { authentication } = fieldsOf(service);
      checkResource(check, proto, [...at, 'proto'], variables);
      checkAuthentication(check, authentication, [...at, 'service', 'authentication'], variables);
      return checkTemplate(check, rest, at, variables);
    }
    case 'a2a': {
      const { agentCard, server, ...rest } = given;
      checkResource(check, agentCard, [...at, 'agentCard'], variables);
      checkEndpoint(check, server, [...at, 'server'], variables);
      if (agentCard === undefined && server === undefined && task['with'] !== undefined)
        check.report({ path: at, at: 'key', code: 'missing-field', message: 'needs "agentCard" or "server"' });
      if (agentCard !== undefined && server !== undefined)
        warnIgnored(check, [...at, 'server'], 'the agentCard says where the agent is');
      return checkTemplate(check, rest, at, variables);
    }
    case 'mcp': {
      const { transport, timeout, ...rest } = given;
      const { http, stdio, options } = fieldsOf(transport);
      checkTransportOptions(check, options, [...at, 'transport', 'options']);
      checkEndpoint(check, fieldsOf(http)['endpoint'], [...at, 'transport', 'http', 'endpoint'], variables);
      checkTemplate(check, fieldsOf(http)['headers'], [...at, 'transport', 'http', 'headers'], variables);
      checkDuration(check, timeout, [...at, 'timeout'], variables);
      checkTemplate(check, stdio, [...at, 'transport', 'stdio'], variables);
      if (stdio !== undefined) warnRefused(check, 'mcp', [...at, 'transport', 'stdio']);
      return checkTemplate(check, rest, at, variables);
    }
    default:
      return checkFunctionCall(check, task, path, variables);
  }
}

/** Channels inside of the installation are named by the document's servers alone. */
function checkProtocol(check: Check, { server, protocol }: Record<string, unknown>, path: Path): void {
  if (typeof protocol !== 'string') return;
  if (server !== undefined) return warnIgnored(check, path, 'the server has one');
  if (protocol === 'http') return;
  const message = `messages are not exchanged over ${protocol} here`;
  check.report({ path, code: 'unsupported-protocol', message, allowed: ['http'] });
}

/** Kinds that start processes are refused unless the operator enables them. */
export function warnRefused(check: Check, kind: ProcessKind, path: Path): void {
  if (check.installation?.enabled?.includes(kind)) return;
  const what = kind === 'mcp' ? 'transport.stdio' : `run.${kind}`;
  const message = `${what} is refused unless the operator allows it by BRIKK_ALLOW_PROCESSES=${kind}`;
  check.warn({ path, at: 'key', code: 'refused-kind', message });
}

function checkSubscription(check: Check, value: unknown, path: Path, scope: Scope, checkTask: CheckTask): void {
  const { filter, consume, foreach } = fieldsOf(value);
  const variables = variablesAt('body', scope);
  checkTemplate(check, filter, [...path, 'filter'], variables);
  const { for: during, while: holds, until } = fieldsOf(consume);
  checkDuration(check, during, [...path, 'consume', 'for'], variables);
  checkField(check, holds, [...path, 'consume', 'while'], variables);
  checkField(check, until, [...path, 'consume', 'until'], variables);
  checkIterator(check, foreach, [...path, 'foreach'], scope, checkTask);
}

/** `foreach`: what is done with each event or message. */
export function checkIterator(check: Check, value: unknown, path: Path, scope: Scope, checkTask: CheckTask): void {
  const { item, at, do: list, output, export: exported } = fieldsOf(value);
  const inner = [
    ...scope,
    variableName(check, item, [...path, 'item'], 'item'),
    variableName(check, at, [...path, 'at'], 'index'),
  ];
  checkList(check, list, [...path, 'do'], inner, checkTask);
  checkFilter(check, fieldsOf(output)['as'], [...path, 'output', 'as'], variablesAt('body', inner));
  checkFilter(check, fieldsOf(exported)['as'], [...path, 'export', 'as'], variablesAt('export', inner));
  for (const [name, part] of Object.entries({ output, export: exported }))
    checkValueSchema(check, fieldsOf(part)['schema'], [...path, name, 'schema']);
}
