import type { Readable } from 'node:stream';
import { NotStarted, type ProcessStart, startGroup } from '../lib/process-group.js';

export interface ProcessRun extends ProcessStart {
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

/**
 * Runs a process to its end, as `startGroup` starts it. With what it started it is killed when its time is over, it says
 * more than 1 MiB, or `signal` aborts. Fails with a ProcessFailure, or the signal's reason.
 */
export async function runProcess({ stdin, timeoutMs, signal, ...start }: ProcessRun): Promise<ProcessEnd> {
  signal.throwIfAborted();
  const group = await startGroup(start).catch(rename);
  let failure: unknown;
  const kill = (why: unknown) => {
    failure ??= why;
    group.kill();
  };
  const late = new ProcessFailure('timeout', `it did not end within ${timeoutMs} ms`);
  const timer = setTimeout(() => kill(late), timeoutMs);
  const stop = () => kill(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const read = (stream: Readable): (() => string) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    stream.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > MAX_BYTES) kill(new ProcessFailure('too_large', `it wrote more than ${MAX_BYTES} bytes`));
      else parts.push(part);
    });
    return () => Buffer.concat(parts).toString('utf8');
  };
  const [stdout, stderr] = [read(group.stdout), read(group.stderr)];
  group.stdin.end(stdin);
  try {
    const code = await group.ended.catch(rename);
    if (failure !== undefined) throw failure;
    return { code, stdout: stdout(), stderr: stderr() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function rename(error: unknown): never {
  if (error instanceof NotStarted) throw new ProcessFailure('not_started', error.message, { cause: error });
  throw error;
}
