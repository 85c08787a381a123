import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { BrikkApiError, readProblem } from './api-error.js';
import { type AgentSaid, mergeProgress, type ToldProgress, wholeText } from '../contracts/agent-progress.js';
import type { AgentAnswer } from './agent-answer.js';
import { AgentProblem } from './agent-problem.js';
import { backoffMs } from './http.js';

const POST_RETRY = { initialMs: 200, maxMs: 10_000 };
const POST_TIMEOUT_MS = 30_000;
const PROGRESS_GAP_MS = 1_000;

/** The body of a direct answer (`{output}`, `{decision}`, …), or of the failure in its stead (`{status, detail}`). */
export type LaterBody = Record<string, unknown>;

/**
 * Posts the answer to a call that was answered 202. Goes on through outages of the API until it is taken or `signal`
 * aborts; fails with BrikkApiError when it is refused: the answer is none, or nobody waits for it any longer.
 */
export async function answerCall(callbackUrl: string, body: LaterBody, signal?: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const failure = await post(callbackUrl, body, signal);
    if (!failure) return;
    if (failure.status !== undefined && failure.status < 500 && failure.status !== 429) throw failure;
    await sleep(backoffMs(attempt, { ...POST_RETRY, maxAttempts: 0 }, failure.retryAfterMs), undefined, { signal });
  }
}

/**
 * Tells how far the work is that was answered 202: the run tells it, and `timeout.idle` begins anew. Not tried again: the
 * next one says more. Fails with BrikkApiError when it is refused, or nobody answered.
 */
export async function reportProgress(callbackUrl: string, progress: ToldProgress, signal?: AbortSignal): Promise<void> {
  const failure = await post(`${callbackUrl}/progress`, progress, signal);
  if (!failure) return;
  if (failure.status !== undefined) throw failure;
  throw new BrikkApiError({ status: 0, code: 'client.unreachable', detail: 'the API does not answer' });
}

/** Undefined when it was taken; without a status when nobody answered. */
async function post(
  callbackUrl: string,
  body: object,
  signal: AbortSignal | undefined,
): Promise<BrikkApiError | { status: undefined; retryAfterMs?: number } | undefined> {
  const timeout = AbortSignal.timeout(POST_TIMEOUT_MS);
  try {
    const response = await fetch(callbackUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return response.ok ? undefined : await readProblem(response);
  } catch {
    signal?.throwIfAborted();
    return { status: undefined };
  }
}

/** Work whose call was answered 202: its end, and whom to tell. */
export class LaterWork {
  readonly taskId = randomUUID();
  /** Once it is done well: a repeat of the call gets it at once. */
  answer: AgentAnswer | undefined;
  /** Of the newest request: an earlier one may be of an attempt that was given up. */
  callbackUrl: string;
  private said: ToldProgress | undefined;
  private posting: Promise<void> | undefined;
  private isOver = false;

  constructor(
    callbackUrl: string,
    private readonly log: Logger,
  ) {
    this.callbackUrl = callbackUrl;
  }

  /** Does the work and posts what came of it; tells whether it was done well. */
  async perform(work: () => Promise<AgentAnswer>, signal: AbortSignal): Promise<boolean> {
    let body: LaterBody;
    try {
      this.answer = await work();
      body = this.answer;
    } catch (error) {
      const { status, message } =
        error instanceof AgentProblem ? error : new AgentProblem(500, 'Failed', 'the agent failed', { cause: error });
      this.log.error({ err: error, taskId: this.taskId }, 'work that was to be answered later failed');
      body = { status, detail: message.slice(0, 4_096) };
    }
    this.isOver = true;
    await answerCall(this.callbackUrl, body, signal).catch((error: unknown) => {
      this.log.error({ err: error, taskId: this.taskId }, 'the answer was not taken');
    });
    return this.answer !== undefined;
  }

  /** Told to the API a second apart at least, each time all that was said since. */
  say(said: AgentSaid): void {
    this.said = mergeProgress(this.said ?? {}, said);
    this.posting ??= this.tell().finally(() => (this.posting = undefined));
  }

  private async tell(): Promise<void> {
    while (this.said && !this.isOver) {
      const { said } = this;
      this.said = undefined;
      await reportProgress(this.callbackUrl, wholeText(said)).catch((error: unknown) => {
        this.log.debug({ err: error, taskId: this.taskId }, 'progress was not taken');
      });
      await sleep(PROGRESS_GAP_MS, undefined, { ref: false });
    }
  }
}
