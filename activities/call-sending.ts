import type { Hedge } from '../contracts/calls.js';
import type { Candidate } from '../contracts/candidates.js';
import type { Json } from '../contracts/json.js';
import type { CallProgress } from '../contracts/later-answers.js';
import { progressEvent } from '../contracts/progress-event.js';
import { attempt } from './attempt.js';
import { hedgedEvent, startedEvent, who } from './call-events.js';
import { CallRecord } from './call-record.js';
import { CallReserve } from './call-reserve.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import { findAnother, type Search } from './find-instance.js';
import { hedge, type Sent } from './hedge.js';
import { ProgressNotes } from './progress-notes.js';

const STARTED_EVENT_AFTER_MS = 500;

/** Sends a call to one instance, or to more when it is hedged, and notes what is heard meanwhile. */
export class CallSending extends CallRecord {
  protected readonly reserve: CallReserve | undefined;
  protected sent = 0;
  protected firstSentAt: number | undefined;
  protected last: CallProgress['candidate'] | undefined;
  protected context: Json | undefined;

  constructor(
    room: CallRoom,
    terms: CallTerms,
    protected readonly endAt: number,
  ) {
    super(room, terms);
    this.reserve = terms.call.budget && new CallReserve(room, terms, terms.call.budget);
  }

  /** One attempt, or more when the call is hedged and they are slow: the one that answered, or all that failed. */
  protected ask(candidate: Candidate, input: Json, search: Search): Promise<Sent | Sent[]> {
    const { call, signal } = this.terms;
    return call.idempotent && call.hedge
      ? this.askHedged(candidate, input, search, call.hedge)
      : this.send(candidate, input, signal);
  }

  private async askHedged(candidate: Candidate, input: Json, search: Search, { afterMs: wish, max = 1 }: Hedge) {
    const { batch, signal } = this.terms;
    const afterMs = wish === 'p95' ? (await this.room.histories.find(batch.orgId, candidate)).latencyMs : wish;
    if (afterMs === null) return this.send(candidate, input, signal);
    const first = (stop: AbortSignal) => this.send(candidate, input, stop);
    const besides = new Set([candidate.instanceId]);
    const another = (stop: AbortSignal) => this.askAnother(besides, input, { search, afterMs, stop });
    return hedge(first, another, { afterMs, max, signal });
  }

  private async askAnother(
    besides: Set<string>,
    input: Json,
    { search, afterMs, stop }: { search: Search; afterMs: number; stop: AbortSignal },
  ): Promise<Sent | undefined> {
    const another = findAnother(this.room, this.terms, search, besides)?.candidate;
    if (!another) return undefined;
    if (await this.room.quotas.take(this.terms.batch.orgId)) {
      this.room.slots.release(another.instanceId);
      return undefined;
    }
    if (this.reserve && (await this.reserve.take(another, this.sent + 1))) return undefined;
    besides.add(another.instanceId);
    const attempt = this.sent + 1;
    this.note(hedgedEvent(this.terms.call, another, attempt, afterMs));
    return this.send(another, input, stop);
  }

  /** Gives the slot back that was taken for it. */
  private async send(candidate: Candidate, input: Json, signal: AbortSignal): Promise<Sent> {
    this.reportRetry();
    this.sent += 1;
    const sentAt = Date.now();
    this.firstSentAt ??= sentAt;
    this.last = candidate;
    const number = this.sent;
    const { call } = this.terms;
    const timeoutMs = Math.max(1, Math.min(call.timeout.attemptMs, this.endAt - sentAt));
    const heard = this.hearing(candidate, number, sentAt);
    try {
      const terms = signal === this.terms.signal ? this.terms : { ...this.terms, signal };
      const { context, endAt } = this;
      const choice = this.choiceOf(number);
      const { onProgress } = heard;
      const asked = { input, context, number, sentAt, timeoutMs, endAt, choice, onProgress };
      return { candidate, number, sentAt, result: await attempt(this.room, terms, candidate, asked) };
    } finally {
      heard.end();
      this.room.slots.release(candidate.instanceId);
    }
  }

  /** An attempt that takes a while is told of, and what its agent says. */
  private hearing(candidate: Candidate, attempt: number, sentAt: number) {
    const { call } = this.terms;
    let isTold = false;
    const started = () => {
      clearTimeout(timer);
      if (!isTold) this.note(startedEvent(call, candidate, attempt));
      isTold = true;
    };
    const timer = setTimeout(started, STARTED_EVENT_AFTER_MS);
    const notes = new ProgressNotes((told, number) => {
      started();
      this.note(progressEvent({ ...who(call, candidate), attempt }, { sentAt, number }, told));
    });
    const end = () => {
      notes.end();
      clearTimeout(timer);
    };
    return { onProgress: notes.add.bind(notes), end };
  }
}
