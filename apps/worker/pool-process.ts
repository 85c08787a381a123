import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { z } from 'zod';
import type { AgentTemplate } from '../../contracts/pools.js';
import { guardedCommand } from '../../connectors/lib/guarded-command.js';

/** What a process says when it serves its agent. */
export interface ReadyMember {
  url: string;
  instanceId: string;
  /** Since it was started. */
  afterMs: number;
}

/** One that is running, or has ended. */
export interface PoolProcess {
  readonly pid: number | undefined;
  readonly ready: ReadyMember | undefined;
  /** Why it is no longer there; undefined while it is. */
  readonly ended: string | undefined;
  readonly exited: Promise<void>;
  stop(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export interface PoolProcessOptions {
  template: Pick<AgentTemplate, 'command' | 'module' | 'cwd' | 'env' | 'ports'>;
  apiUrl: string;
  apiKey: string;
  standby: boolean;
  /** Its output, line by line. */
  onLine: (line: string) => void;
  onChange: () => void;
}

const ORPHAN_GRACE_S = 10;
const MAX_REASON = 300;
/** What a program needs to run at all; what the worker knows besides is not for agents. */
const PASSED =
  /^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|SHELL|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(HTTPS?|NO)_PROXY)$/i;

/** A stranger's process sends what it likes. */
const readySchema = z.object({ type: z.literal('ready'), url: z.url(), instanceId: z.uuid() });

/**
 * Starts a process of a template, in a session of its own. It says over the IPC channel when it is ready, as `serveAgent`
 * does, and ends when that channel closes; should it not, the guard ends it: nothing outlives its host.
 */
export function startPoolProcess(options: PoolProcessOptions): PoolProcess {
  const { template, onLine, onChange } = options;
  const command = template.command ?? [process.execPath, template.module ?? ''];
  const [shell, ...args] = guardedCommand(command, { killAfterS: ORPHAN_GRACE_S });
  const child = spawn(shell, args, {
    cwd: template.cwd,
    env: environmentOf(options),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'ipc'],
  });
  let [ready, ended]: [ReadyMember | undefined, string | undefined] = [undefined, undefined];
  const startedAt = performance.now();
  let lastWords = '';
  const guard = child.stdio[3] as Socket;
  guard.on('error', () => undefined); // Its reader is gone with the program.
  for (const output of [child.stdout, child.stderr])
    linesOf(output as NodeJS.ReadableStream, (line) => {
      lastWords = reasonIn(line) ?? lastWords;
      onLine(line);
    });

  let onExit: () => void = () => undefined;
  const exited = new Promise<void>((resolve) => (onExit = resolve));
  const end = (how: string) => {
    if (ended !== undefined) return;
    ended = lastWords === '' ? how : `${how}: ${lastWords}`.slice(0, MAX_REASON);
    guard.end('ended\n');
    onExit();
    onChange();
  };
  child.once('error', (error) => end(error.message));
  child.once('exit', (code, signal) => end(code === null ? `ended by ${signal}` : `ended with code ${code}`));
  child.on('message', (message) => {
    const said = readySchema.safeParse(message);
    if (!said.success) return;
    ready = { ...said.data, afterMs: Math.round(performance.now() - startedAt) };
    onChange();
  });
  return {
    pid: child.pid,
    get ready() {
      return ready;
    },
    get ended() {
      return ended;
    },
    exited,
    stop(signal) {
      if (child.pid === undefined || ended !== undefined) return;
      try {
        // With what it has started itself.
        process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
      } catch {
        // It has just ended.
      }
    },
  };
}

function environmentOf({ template, apiUrl, apiKey, standby }: PoolProcessOptions): NodeJS.ProcessEnv {
  const passed = Object.entries(process.env).filter(([name]) => PASSED.test(name));
  const { ports } = template;
  return {
    ...Object.fromEntries(passed),
    ...template.env,
    BRIKK_API_URL: apiUrl,
    BRIKK_API_KEY: apiKey,
    ...(standby && { BRIKK_AGENT_STANDBY: '1' }),
    ...(ports && { BRIKK_AGENT_PORTS: `${ports.from}-${ports.to}` }),
  };
}

const MAX_LINE = 8_192;

function linesOf(output: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_LINE);
    for (const line of lines) onLine(line.slice(0, MAX_LINE));
  });
  output.on('end', () => rest === '' || onLine(rest));
  output.on('error', () => undefined);
}

/** The message of a line that tells of an error: of pino's JSON, or of an exception. */
function reasonIn(line: string): string | undefined {
  const uncaught = /^(?:Uncaught )?\w*Error(?: \[\w+\])?: .+/.exec(line)?.[0];
  if (uncaught !== undefined || !line.startsWith('{')) return uncaught;
  try {
    const { level, msg } = JSON.parse(line) as { level?: number; msg?: string };
    return level !== undefined && level >= 50 ? msg : undefined;
  } catch {
    return undefined;
  }
}
