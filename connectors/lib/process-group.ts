import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { guardedCommand } from './guarded-command.js';

/** Among arguments: where the content of a process is. */
export const CONTENT = Symbol('content');

export interface ProcessStart {
  file: string;
  arguments: readonly (string | typeof CONTENT)[];
  /** A file that the process is given, such as the script that it is to run. */
  content?: { name: string; text: string };
  environment: Readonly<Record<string, string>>;
  /** Arguments of the same program, which is run once more with them when it was killed: for what it began elsewhere. */
  onKilled?: readonly string[];
}

/** A program with all that it starts. */
export interface ProcessGroup {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The code of the program, once it has ended and nobody writes any more; what it left running is gone then. */
  readonly ended: Promise<number>;
  kill(): void;
}

/** There is no such program, or the machine does not start it. */
export class NotStarted extends Error {}

const KILLED = 128 + 9;
/** For what is done about a process that was killed. */
const LAST_MS = 10_000;

/**
 * Starts a program in an empty folder of its own, with the worker's PATH and nothing else of its environment. Nothing of
 * it outlives its end or this process, even one that is killed; only what leaves its session does. Fails with NotStarted.
 */
export async function startGroup(start: ProcessStart): Promise<ProcessGroup> {
  const env = { PATH: process.env['PATH'], ...start.environment };
  const program = await programAt(start.file, env.PATH ?? '');
  if (program === undefined) throw new NotStarted(`${start.file} could not be started: there is no such program`);
  const cwd = await mkdtemp(join(tmpdir(), 'brikk-process-'));
  const path = join(cwd, start.content?.name ?? '');
  if (start.content) await writeFile(path, start.content.text);
  const given = start.arguments.map((text) => (text === CONTENT ? path : text));
  const onKilled = start.onKilled && [program, ...start.onKilled];
  const [shell, ...guarded] = guardedCommand([program, ...given], { group: true, ...(onKilled && { onKilled }) });
  const clear = () => rm(cwd, { recursive: true, force: true });
  const child = spawned(start.file, () =>
    // A group of its own, so that what it starts is killed with it.
    spawn(shell, guarded, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] }),
  );
  if (child instanceof NotStarted) {
    await clear();
    throw child;
  }
  const [stdin, stdout, stderr, guard] = child.stdio as unknown as [Writable, Readable, Readable, Writable];
  guard.on('error', () => undefined); // Its reader is gone with the group.
  stdin.on('error', () => undefined); // It may end without reading.
  const exited = new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => resolve(code ?? KILLED));
    child.once('error', (cause) => reject(notStarted(start.file, cause)));
  });
  let isKilled = false;
  const kill = () => {
    if (child.pid === undefined || isKilled) return;
    isKilled = true;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
    // Who has left the group may hold them open.
    for (const output of [stdout, stderr]) output.destroy();
  };
  const whole = Promise.all([exited, closed(stdout), closed(stderr)]);
  const ended = whole
    .then(([code]) => code)
    .finally(async () => {
      const wasKilled = isKilled;
      // The guard's reader is of the group until here, so that the group's id is nobody else's.
      kill();
      guard.destroy();
      if (onKilled && wasKilled) await runOnce(onKilled, env);
      await clear();
    });
  ended.catch(() => undefined);
  return { stdin, stdout, stderr, ended, kill };
}

/** Whatever comes of it: there is nobody left to tell. */
const runOnce = ([file = '', ...given]: readonly string[], env: NodeJS.ProcessEnv): Promise<void> =>
  new Promise((resolve) => {
    const child = spawn(file, given, { env, stdio: 'ignore', timeout: LAST_MS, killSignal: 'SIGKILL' });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });

/** Arguments and variables that no process can have fail at once, the machine's limits later. */
function spawned(file: string, spawnIt: () => ChildProcess): ChildProcess | NotStarted {
  try {
    return spawnIt();
  } catch (cause) {
    return notStarted(file, cause);
  }
}

/** By the code alone: the message may show an argument. */
const notStarted = (file: string, cause: unknown): NotStarted =>
  new NotStarted(`${file} could not be started: ${(cause as NodeJS.ErrnoException).code ?? 'refused'}`, { cause });

const closed = (stream: Readable): Promise<void> => new Promise((resolve) => stream.once('close', () => resolve()));

/** Where a shell would find it; nothing is in the folder of the process yet. */
async function programAt(file: string, path: string): Promise<string | undefined> {
  const folders = file.includes('/') ? [] : path.split(delimiter);
  const places = isAbsolute(file) ? [file] : folders.map((folder) => join(folder, file));
  for (const place of places) {
    const isProgram = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isProgram) return place;
  }
  return undefined;
}
