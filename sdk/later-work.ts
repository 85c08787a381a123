import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type BrikkApiError, readProblem } from './api-error.js';
import type { AgentAnswer } from './agent-answer.js';
import { AgentProblem } from './agent-problem.js';
import { backoffMs } from './http.js';

const POST_RETRY = { initialMs: 200, maxMs: 10_000 };
const POST_TIMEOUT_MS = 30_000;

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

/** Undefined when it was taken; without a status when nobody answered. */
async function post(
  callbackUrl: string,
  body: LaterBody,
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
    await answerCall(this.callbackUrl, body, signal).catch((error: unknown) => {
      this.log.error({ err: error, taskId: this.taskId }, 'the answer was not taken');
    });
    return this.answer !== undefined;
  }
}
