import { CONTENT, type ProcessStart } from '../connectors/lib/process-group.js';
import { REMOVE_AFTER } from '../connectors/process/docker.js';
import type { Json } from '../contracts/json.js';
import { durationMs } from '../workflows/language/interpreter/duration.js';
import { fieldsOf, PartError, textAt, textOf } from './call-parts.js';

type ContainerCommand = Pick<ProcessStart, 'arguments' | 'content' | 'onKilled'>;
type Lifetime = 'always' | 'never' | { afterMs: number };

const PULL: Readonly<Record<string, string>> = { ifNotPresent: 'missing', always: 'always', never: 'never' };
const VARIABLE = /^[^\s=#][^\s=]*$/;

/**
 * `docker run` as its command line takes it, for a container of this name unless the task says one. Variables travel in a
 * file that only its owner reads, since a list of processes shows arguments. Without `lifetime` the container is removed at its end.
 * Fails with a PartError.
 */
export function containerCommand(
  given: { [name: string]: Json },
  rest: readonly string[],
  environment: Readonly<Record<string, string>>,
  ownName: string,
): ContainerCommand {
  const lifetime = lifetimeOf(given['lifetime']);
  const name = textAt(given, 'name') || ownName;
  const flags: (string | typeof CONTENT)[] = ['run', ...flagsOf(lifetime), '--interactive', '--name', name];
  const pull = PULL[textAt(given, 'pullPolicy')];
  if (pull !== undefined) flags.push('--pull', pull);
  for (const [host, container] of Object.entries(fieldsOf(given['ports'], 'ports')))
    flags.push('--publish', `${host}:${textOf(container)}`);
  for (const [host, container] of Object.entries(fieldsOf(given['volumes'], 'volumes')))
    flags.push('--volume', `${host}:${textOf(container)}`);
  const lines = Object.entries(environment).map(lineOf);
  if (lines.length > 0) flags.push('--env-file', CONTENT);
  const command = textAt(given, 'command');
  const run = command === '' ? rest : ['sh', '-c', command, 'sh', ...rest];
  return {
    // No flag comes from a document, also where it is the name of an image.
    arguments: [...flags, '--', textAt(given, 'image'), ...run],
    ...(lines.length > 0 && { content: { name: 'environment', text: lines.join('') } }),
    onKilled: [...(lifetime === 'always' ? ['rm', '--force'] : ['kill']), '--', name],
  };
}

/** Who is killed as it makes a container leaves one that no `--rm` removes. */
const LEFT_BEHIND_MS = 60_000;

function flagsOf(lifetime: Lifetime): string[] {
  if (lifetime === 'never') return [];
  if (lifetime === 'always') return ['--rm', '--label', `${REMOVE_AFTER}=${LEFT_BEHIND_MS}`];
  return ['--label', `${REMOVE_AFTER}=${lifetime.afterMs}`];
}

function lifetimeOf(value: Json | undefined): Lifetime {
  if (value === undefined) return 'always';
  const { cleanup, after = null } = fieldsOf(value, 'lifetime');
  if (cleanup === 'always' || cleanup === 'never') return cleanup;
  if (cleanup !== 'eventually')
    throw new PartError('expression.failed', 'lifetime.cleanup must be always, never or eventually');
  const afterMs = durationMs(after);
  if (afterMs === undefined)
    throw new PartError('expression.failed', 'lifetime.after must be a duration, such as PT1H or {hours: 1}');
  return { afterMs };
}

function lineOf([name, value]: [string, string]): string {
  if (!VARIABLE.test(name)) throw new PartError('expression.failed', `environment: ${name} is no name of a variable`);
  if (/[\n\r]/.test(value))
    throw new PartError('expression.failed', `environment.${name} of a container must be a single line: use stdin`);
  return `${name}=${value}\n`;
}
