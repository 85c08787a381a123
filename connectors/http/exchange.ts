import type { Dispatcher } from 'undici';
import type { AgentFailure } from '../lib/classify-failure.js';

/** The whole answer; `text` is empty for a refusal of more than 16 KiB. */
export interface Answer {
  kind: 'answered';
  status: number;
  retryAfter?: string;
  text: string;
}

const MAX_REFUSAL_BYTES = 16 * 1_024;
const decoder = new TextDecoder();

/**
 * One request under way: gathers its answer and ends once, at the latest after `timeoutMs` or when the signal aborts. A
 * plain handler, since streams and abort controllers for each of a thousand calls at once cost more than the calls.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly end: Promise<Answer | AgentFailure>;
  isOver = false;
  private resolve: (end: Answer | AgentFailure) => void = () => undefined;
  private readonly cancel = () => this.stop({ kind: 'canceled' });
  private readonly timer: NodeJS.Timeout;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private status = 0;
  private retryAfter: string | string[] | undefined;
  private controller: Dispatcher.DispatchController | undefined;

  constructor(
    timeoutMs: number,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.end = new Promise((resolve) => (this.resolve = resolve));
    this.timer = setTimeout(() => this.stop({ kind: 'timeout', timeoutMs }), timeoutMs);
    signal?.addEventListener('abort', this.cancel);
    if (signal?.aborted) this.cancel();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isOver) this.abort();
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.status = status;
    this.retryAfter = headers['retry-after'];
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.status === 200 || this.bytes <= MAX_REFUSAL_BYTES) return;
    this.chunks.length = 0;
    this.stop(this.answer());
  }

  onResponseEnd(): void {
    this.finish(this.answer());
  }

  onResponseError(_: unknown, error: Error): void {
    this.finish({ kind: 'thrown', error });
  }

  private answer(): Answer {
    const [first = Buffer.alloc(0), ...others] = this.chunks;
    const text = decoder.decode(others.length === 0 ? first : Buffer.concat(this.chunks));
    const { status, retryAfter } = this;
    return { kind: 'answered', status, text, ...(typeof retryAfter === 'string' && { retryAfter }) };
  }

  private stop(end: Answer | AgentFailure): void {
    if (this.isOver) return;
    this.finish(end);
    this.abort();
  }

  private abort(): void {
    this.controller?.abort(new Error('nobody waits for the answer'));
  }

  private finish(end: Answer | AgentFailure): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    this.signal?.removeEventListener('abort', this.cancel);
    this.resolve(end);
  }
}
