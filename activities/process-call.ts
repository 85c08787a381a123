import type { ProcessStart } from '../connectors/lib/process-group.js';
import { ProcessFailure, runProcess } from '../connectors/process/process.connector.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import type { Json } from '../contracts/json.js';
import type { ProcessCall } from '../contracts/language-activities.js';
import { type ProcessKind, refusedProcess, type RunKind } from '../contracts/processes.js';
import { fieldsOf, PartError, textOf } from './call-parts.js';
import { failed, type Outcome, type Prepared } from './outside-call.js';

/** Node's own heap: what a script takes beyond it ends the script, not the worker. */
const SCRIPT_HEAP_MB = 256;

type Command = Pick<ProcessStart, 'file' | 'arguments' | 'content'>;
type Fields = { [name: string]: Json };

/** A process of the operator's machine, when the operator allows its kind: `{code, stdout, stderr}`. */
export async function makeProcessCall(
  allowed: readonly ProcessKind[],
  { request }: ProcessCall,
  { parts, timeoutMs, signal, fetchDocument }: Prepared,
): Promise<Outcome> {
  const { process: kind, source } = request;
  if (!allowed.includes(kind)) return failed('process.refused', refusedProcess(kind));
  const given = fieldsOf(parts, `run.${kind}`);
  const code = source === undefined ? textAt(given, 'code') : await fetchDocument(source);
  const environment = environmentOf(given['environment']);
  const command = commandOf(kind, given, { code, environment });
  const shared = { stdin: textAt(given, 'stdin'), timeoutMs, signal };
  try {
    const own = kind === 'container' ? {} : environment;
    return { output: { ...(await runProcess({ ...command, ...shared, environment: own })) } };
  } catch (error) {
    if (!(error instanceof ProcessFailure)) throw error;
    if (error.kind === 'timeout') throw new WebFailure('timeout', `run.${kind}: ${error.message}`, { cause: error });
    return failed('process.failed', `run.${kind}: ${error.message}`);
  }
}

function commandOf(
  kind: RunKind,
  given: Fields,
  { code, environment }: { code: string; environment: Record<string, string> },
): Command {
  const rest = listOf(given['arguments']);
  if (kind === 'shell') return { file: 'sh', arguments: ['-c', textAt(given, 'command'), 'sh', ...rest] };
  if (kind === 'container') return { file: 'docker', arguments: containerArguments(given, rest, environment) };
  switch (textAt(given, 'language')) {
    case 'js':
    case 'javascript':
      return {
        file: process.execPath,
        arguments: [`--max-old-space-size=${SCRIPT_HEAP_MB}`, '{file}', ...rest],
        content: { name: 'main.mjs', text: code },
      };
    case 'python':
      return { file: 'python3', arguments: ['{file}', ...rest], content: { name: 'main.py', text: code } };
    default:
      throw new PartError('expression.failed', 'run.script: language must be one of js, javascript, python');
  }
}

/** `docker run` as its command line takes it: the container is removed when it has ended. */
export function containerArguments(given: Fields, rest: string[], environment: Record<string, string>): string[] {
  const flags = ['run', '--rm', '--interactive'];
  const pull = { ifNotPresent: 'missing', always: 'always', never: 'never' }[textAt(given, 'pullPolicy')];
  if (pull !== undefined) flags.push('--pull', pull);
  if (given['name'] !== undefined) flags.push('--name', textAt(given, 'name'));
  for (const [host, container] of Object.entries(fieldsOf(given['ports'], 'ports')))
    flags.push('--publish', `${host}:${textOf(container)}`);
  for (const [host, container] of Object.entries(fieldsOf(given['volumes'], 'volumes')))
    flags.push('--volume', `${host}:${textOf(container)}`);
  for (const [name, value] of Object.entries(environment)) flags.push('--env', `${name}=${value}`);
  const command = textAt(given, 'command');
  const run = command === '' ? rest : ['sh', '-c', command, 'sh', ...rest];
  // No flag comes from a document, also where it is the name of an image.
  return [...flags, '--', textAt(given, 'image'), ...run];
}

/** Variables as a process has them. Fails with a PartError. */
export const environmentOf = (value: Json | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fieldsOf(value ?? undefined, 'environment')).map(([name, text]) => [name, textOf(text)]),
  );

const textAt = (fields: Fields, name: string): string => {
  const value = fields[name];
  return value === undefined || value === null ? '' : textOf(value);
};

/** Arguments as a process has them. */
export const listOf = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(textOf) : []);
