import type { ProcessStart } from '../lib/process-group.js';
import { runProcess } from './process.connector.js';

/** Label of containers that are removed some time after their end: milliseconds. */
export const REMOVE_AFTER = 'dev.brikk.remove-after-ms';

/** How the operator's `docker` finds its engine and registries; no document says. */
const OWN = ['HOME', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY'];

/** The operator's `docker`. */
export const docker = (command: Omit<ProcessStart, 'file' | 'environment'>): ProcessStart => ({
  file: 'docker',
  environment: Object.fromEntries(OWN.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
  ...command,
});

const ENDED = ['--filter', 'status=exited', '--filter', 'status=dead'];
const TELL = `{{.Id}} {{.State.FinishedAt}} {{index .Config.Labels "${REMOVE_AFTER}"}}`;
const TIMEOUT_MS = 30_000;

/** Removes the containers of this machine whose time after their end is over; gives their ids. Fails with a ProcessFailure. */
export async function removeDueContainers(now: number, signal: AbortSignal): Promise<string[]> {
  const lines = async (given: string[]) => {
    const { code, stdout, stderr } = await runProcess({
      ...docker({ arguments: given }),
      stdin: '',
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (code !== 0) throw new Error(`docker ${given[0]} ended with code ${code}: ${stderr.trim()}`);
    return stdout.split('\n').filter((line) => line !== '');
  };
  const ended = await lines(['ps', '--all', '--quiet', '--no-trunc', '--filter', `label=${REMOVE_AFTER}`, ...ENDED]);
  if (ended.length === 0) return [];
  const due = dueContainers(await lines(['inspect', '--format', TELL, ...ended]), now);
  if (due.length > 0) await lines(['rm', '--force', ...due]);
  return due;
}

/** Of `id, time of its end, milliseconds`: the ids whose time is over. */
export const dueContainers = (told: readonly string[], now: number): string[] =>
  told.flatMap((line) => {
    const [id = '', endedAt = '', afterMs] = line.split(' ');
    const dueAt = Date.parse(endedAt) + Number(afterMs);
    return dueAt <= now ? [id] : [];
  });
