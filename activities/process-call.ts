import { randomUUID } from 'node:crypto';
import { CONTENT, type ProcessStart } from '../connectors/lib/process-group.js';
import { docker, NOT_RUN } from '../connectors/process/docker.js';
import { containerCommand } from './container-command.js';
import { ProcessFailure, runProcess } from '../connectors/process/process.connector.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import type { Json } from '../contracts/json.js';
import type { ProcessCall } from '../contracts/language-activities.js';
import { type ProcessKind, refusedProcess, type RunKind } from '../contracts/processes.js';
import { environmentOf, fieldsOf, listOf, PartError, textAt } from './call-parts.js';
import { failed, type Outcome, type Prepared } from './outside-call.js';

/** Node's own heap: what a script takes beyond it ends the script, not the worker. */
const SCRIPT_HEAP_MB = 256;
const MAX_COMPLAINT = 1_000;

type Fields = { [name: string]: Json };

/** A process of the operator's machine, when the operator allows its kind: `{code, stdout, stderr}`. */
export async function makeProcessCall(
  allowed: readonly ProcessKind[],
  { request }: ProcessCall,
  { parts, timeoutMs, signal, hide, fetchDocument }: Prepared,
): Promise<Outcome> {
  const { process: kind, source } = request;
  if (!allowed.includes(kind)) return failed('process.refused', refusedProcess(kind));
  const given = fieldsOf(parts, `run.${kind}`);
  const code = source === undefined ? textAt(given, 'code') : await fetchDocument(source);
  const environment = environmentOf(given['environment']);
  const command = commandOf(kind, given, { code, environment });
  const shared = { stdin: textAt(given, 'stdin'), timeoutMs, signal };
  try {
    const { code: ended, stdout, stderr } = await runProcess({ ...command, ...shared });
    // What it says of its secrets would be in the record for good.
    if (kind === 'container' && ended === NOT_RUN)
      return failed('process.failed', `run.container: ${complaintOf(hide(stderr))}`);
    return { output: { code: ended, stdout: hide(stdout), stderr: hide(stderr) } };
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
): ProcessStart {
  const rest = listOf(given['arguments']);
  if (kind === 'shell') return { file: 'sh', arguments: ['-c', textAt(given, 'command'), 'sh', ...rest], environment };
  if (kind === 'container') return docker(containerCommand(given, rest, environment, `brikk-${randomUUID()}`));
  switch (textAt(given, 'language')) {
    case 'js':
    case 'javascript':
      return {
        file: process.execPath,
        arguments: [`--max-old-space-size=${SCRIPT_HEAP_MB}`, CONTENT, ...rest],
        content: { name: 'main.mjs', text: code },
        environment,
      };
    case 'python':
      return { file: 'python3', arguments: [CONTENT, ...rest], content: { name: 'main.py', text: code }, environment };
    default:
      throw new PartError('expression.failed', 'run.script: language must be one of js, javascript, python');
  }
}

/** What it says before it points to its help. */
const complaintOf = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => line !== '' && !/ --help/.test(line))
    .join(' ')
    .slice(0, MAX_COMPLAINT);
