import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ProcessStart {
  file: string;
  /** `{file}` in one of them stands for where `content` is. */
  arguments: readonly string[];
  /** A file that the process is given, such as the script that it is to run. */
  content?: { name: string; text: string };
  environment: Readonly<Record<string, string>>;
  stdin: string;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface ProcessEnd {
  code: number;
  stdout: string;
  stderr: string;
}

export class ProcessFailure extends Error {
  constructor(
    readonly kind: 'not_started' | 'timeout' | 'too_large',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ProcessFailure';
  }
}

/** Of each of both outputs. */
const MAX_BYTES = 1_024 * 1_024;
const KILLED = 128 + 9;

/**
 * Runs a process to its end, in an empty folder of its own, with the worker's PATH and nothing else of its environment.
 * With what it started it is killed when its time is over, it says more than 1 MiB, or `signal` aborts. Fails with a
 * ProcessFailure, or the signal's reason.
 */
export async function runProcess(start: ProcessStart): Promise<ProcessEnd> {
  start.signal.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'brikk-process-'));
  try {
    const path = join(folder, start.content?.name ?? '');
    if (start.content) await writeFile(path, start.content.text);
    return await toItsEnd({ ...start, arguments: start.arguments.map((text) => text.replace('{file}', path)) }, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function toItsEnd(start: ProcessStart, cwd: string): Promise<ProcessEnd> {
  const { file, environment, stdin, timeoutMs, signal } = start;
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], ...environment };
    // A group of its own, so that what it starts is killed with it.
    const child = spawn(file, start.arguments, { cwd, env, detached: true, stdio: 'pipe' });
    let failure: unknown;
    const kill = (why: unknown) => {
      failure ??= why;
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
    };
    const timer = setTimeout(
      () => kill(new ProcessFailure('timeout', `it did not end within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const stop = () => kill(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const read = (stream: NodeJS.ReadableStream): (() => string) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      stream.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > MAX_BYTES) kill(new ProcessFailure('too_large', `it wrote more than ${MAX_BYTES} bytes`));
        else parts.push(part);
      });
      return () => Buffer.concat(parts).toString('utf8');
    };
    const [stdout, stderr] = [read(child.stdout), read(child.stderr)];
    child.on('error', (cause) => {
      failure ??= new ProcessFailure('not_started', `${file} could not be started`, { cause });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      if (failure === undefined) resolve({ code: code ?? KILLED, stdout: stdout(), stderr: stderr() });
      else reject(failure);
    });
    child.stdin.on('error', () => undefined); // It may end without reading.
    child.stdin.end(stdin);
  });
}
