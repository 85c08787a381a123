import type { Dispatcher } from 'undici';
import type { AgentSaid } from '../../contracts/agent-progress.js';
import type { AgentFailure } from '../lib/classify-failure.js';
import { AnswerStream } from './answer-stream.js';

/** The whole answer; `text` is empty for a refusal of more than 16 KiB. */
export interface Answer {
  kind: 'answered';
  status: number;
  retryAfter?: string;
  text: string;
}

export interface ExchangeTerms {
  /** For the whole exchange. */
  timeoutMs: number;
  /** The longest silence of an agent that was reached; any byte breaks it. */
  idleMs?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((said: AgentSaid) => void) | undefined;
}

const MAX_ANSWER_BYTES = 10 * 1_024 * 1_024;
/** What a stream may have beyond that for each second that it lasts. */
const STREAM_BYTES_A_SECOND = 64 * 1_024;
/** What a timer of Node can wait: it would fire at once for longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const MAX_REFUSAL_BYTES = 16 * 1_024;
/** For the end of a stream whose result has come, which keeps the connection for others. */
const END_GRACE_MS = 50;
const decoder = new TextDecoder();

/**
 * One request under way: gathers its answer, whole or as events, and ends once, at the latest after `timeoutMs` or when
 * the signal aborts. A plain handler, since streams and abort controllers for each of a thousand calls at once cost more
 * than the calls.
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
  private stream: AnswerStream | undefined;
  private streamsSince = 0;
  private silence: NodeJS.Timeout | undefined;
  private heard = 0;
  private readonly signal: AbortSignal | undefined;

  constructor(private readonly terms: ExchangeTerms) {
    const { timeoutMs, signal } = terms;
    this.signal = signal;
    this.end = new Promise((resolve) => (this.resolve = resolve));
    this.timer = setTimeout(() => this.stop({ kind: 'timeout', timeoutMs }), Math.min(timeoutMs, LONGEST_TIMER_MS));
    signal?.addEventListener('abort', this.cancel);
    if (signal?.aborted) this.cancel();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isOver) return this.abort();
    const { idleMs } = this.terms;
    if (idleMs !== undefined) this.silence = setTimeout(() => this.listen(idleMs), Math.min(idleMs, LONGEST_TIMER_MS));
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.hear();
    this.status = status;
    this.retryAfter = headers['retry-after'];
    const isStream = status === 200 && /^text\/event-stream\b/i.test(String(headers['content-type']));
    if (!isStream) return;
    this.streamsSince = Date.now();
    this.stream = new AnswerStream(this.terms.onProgress ?? (() => undefined));
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.hear();
    this.bytes += chunk.length;
    if (this.bytes > this.mostBytes()) return this.stop({ kind: 'too_large' });
    if (this.stream) return this.takeEvents(this.stream, chunk);
    this.chunks.push(chunk);
    if (this.status === 200 || this.bytes <= MAX_REFUSAL_BYTES) return;
    this.chunks.length = 0;
    this.stop(this.answer());
  }

  onResponseEnd(): void {
    this.finish(this.stream ? this.stream.close() : this.answer());
  }

  onResponseError(_: unknown, error: Error): void {
    this.finish(this.stream?.end ?? { kind: 'thrown', error });
  }

  private mostBytes(): number {
    const lastedMs = this.stream ? Date.now() - this.streamsSince : 0;
    return MAX_ANSWER_BYTES + (lastedMs / 1_000) * STREAM_BYTES_A_SECOND;
  }

  private hear(): void {
    this.heard += 1;
    this.silence?.refresh();
  }

  /** The time is over; what came while this process was busy is read before the agent is called silent. */
  private listen(idleMs: number): void {
    const { heard } = this;
    setImmediate(() => this.heard === heard && this.stop({ kind: 'silent', idleMs }));
  }

  private takeEvents(stream: AnswerStream, chunk: Buffer): void {
    if (this.isOver || stream.end) return;
    stream.write(chunk);
    if (stream.end) setTimeout(() => this.stop(stream.close()), END_GRACE_MS);
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
    clearTimeout(this.silence);
    this.signal?.removeEventListener('abort', this.cancel);
    this.resolve(end);
  }
}
