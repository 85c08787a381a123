import type { ProcessStart } from '../lib/process-group.js';
import { runProcess } from './process.connector.js';

/** Label of containers that are removed some time after their end: milliseconds. */
export const REMOVE_AFTER = 'dev.brikk.remove-after-ms';

/** Code by which `docker run` says that it could not run the container, in words of its own; 126 and 127 are of the command. */
export const NOT_RUN = 125;

/** How the operator's `docker` finds its engine and registries; no document says. */
const OWN = ['HOME', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY'];

/** The operator's `docker`. */
export const docker = (command: Omit<ProcessStart, 'file' | 'environment'>): ProcessStart => ({
  file: 'docker',
  environment: Object.fromEntries(OWN.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
  ...command,
});

const AT_REST = ['created', 'exited', 'dead'];
const TELL = `{{.Id}} {{.State.Status}} {{.Created}} {{.State.FinishedAt}} {{index .Config.Labels "${REMOVE_AFTER}"}}`;
const TIMEOUT_MS = 30_000;
/** Who makes a container starts it at once, unless it was killed between the two. */
const LEAST_CREATED_MS = 60_000;

/**
 * Removes the containers of this machine whose time after their end is over, also those that never began; gives their ids.
 * Fails with a ProcessFailure.
 */
export async function removeDueContainers(now: number, signal: AbortSignal): Promise<string[]> {
  const lines = async (given: string[]) => {
    const { code, stdout, stderr } = await runProcess({
      ...docker({ arguments: given }),
      stdin: '',
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (code !== 0 && !isOfGoneOnes(stderr))
      throw new Error(`docker ${given[0]} ended with code ${code}: ${stderr.trim()}`);
    return stdout.split('\n').filter((line) => line !== '');
  };
  const resting = await lines([
    'ps',
    '--all',
    '--quiet',
    '--no-trunc',
    '--filter',
    `label=${REMOVE_AFTER}`,
    ...AT_REST.flatMap((status) => ['--filter', `status=${status}`]),
  ]);
  if (resting.length === 0) return [];
  const due = dueContainers(await lines(['inspect', '--format', TELL, ...resting]), now);
  if (due.length > 0) await lines(['rm', '--force', ...due]);
  return due;
}

/** Others remove containers meanwhile: the engine itself those of `--rm`, and workers beside this one. */
const isOfGoneOnes = (stderr: string): boolean =>
  stderr.split('\n').every((line) => line === '' || /no such (object|container)|already in progress/i.test(line));

/** Of `id, status, times of its creation and its end, milliseconds`: the ids whose time is over. Some have begun meanwhile. */
export const dueContainers = (told: readonly string[], now: number): string[] =>
  told.flatMap((line) => {
    const [id = '', status = '', createdAt = '', endedAt = '', afterMs] = line.split(' ');
    if (!AT_REST.includes(status)) return [];
    const dueAt =
      status === 'created'
        ? Date.parse(createdAt) + Math.max(LEAST_CREATED_MS, Number(afterMs))
        : Date.parse(endedAt) + Number(afterMs);
    return dueAt <= now ? [id] : [];
  });
