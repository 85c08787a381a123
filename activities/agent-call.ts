import type { TaskAnswer } from '../contracts/agent-protocol.js';
import { BrikkError } from '../contracts/errors.js';
import { InputRequired } from '../contracts/input-required.js';
import { AnswersLater, type CallProgress, type PendingCall, type WaitingCall } from '../contracts/later-answers.js';
import type { DeferredCall, FinishedCall } from '../contracts/run-workflow.js';
import { lateAttempt, overdueAttempt } from './attempt.js';
import { backoffMs, pause } from './backoff.js';
import { BudgetRefused } from './budget-refused.js';
import { refusedEvent } from './call-events.js';
import { nobodyToCall, tooLate } from './call-failures.js';
import { CallSending } from './call-sending.js';
import { type CallRoom, type CallTerms, errorOf } from './call-terms.js';
import { inlineWhenSmall } from './claim-check.js';
import { findInstance, type Search } from './find-instance.js';
import { notSent, type Sent } from './hedge.js';
import { type CallEnd, journalRow } from './journal-row.js';
import { openPending } from './open-pending.js';
import { Patience } from './patience.js';
import { whileUnavailable } from './while-unavailable.js';
import { withinQuota } from './within-quota.js';

/**
 * One agent call with all its attempts. A failed attempt goes to another instance at once, first of the same agent's
 * peers, then again in rounds with backoff; an agent that refuses the task is not asked again; a connection that was
 * never made costs no attempt. Ends as a finished call in the journal, deferred when it would wait over 2 s, or pending
 * when its agent answers later; `waiting` is such a call, which goes on with what came of that.
 */
export class AgentCallRun extends CallSending {
  private readonly startedAt: number;
  private readonly tried = new Set<string>();
  private readonly refusedBy = new Set<string>();
  private counted = 0;
  private rounds = 0;
  private patience: Patience | undefined;
  private failure: BrikkError | undefined;

  constructor(
    room: CallRoom,
    terms: CallTerms,
    private readonly waiting?: WaitingCall,
  ) {
    const startedAt = waiting?.progress.startedAt ?? Date.now();
    const { batch, call } = terms;
    super(room, terms, waiting?.progress.endAt ?? Math.min(startedAt + call.timeout.totalMs, batch.deadlineAt));
    this.startedAt = startedAt;
    if (waiting) this.restore(waiting.progress);
  }

  /** `recorded` resolves when the decisions that led to this call are durable; the call is not over before. */
  async run(recorded: Promise<void>): Promise<FinishedCall | DeferredCall | PendingCall> {
    this.notes.push(recorded);
    const { batch, call } = this.terms;
    const end = this.waiting && (await this.goOn(this.waiting));
    if (end) return end;
    const input =
      'inline' in call.input ? call.input.inline : await this.room.payloads.materialise(batch.orgId, call.input);
    if (call.context) this.context = await this.room.payloads.materialise(batch.orgId, call.context);
    for (;;) {
      if (this.terms.signal.aborted) return this.canceled();
      if (Date.now() >= this.endAt) return this.overdue();
      const known = this.room.directory.find(batch.orgId, call.target, call.select);
      const { contenders, counter } = known instanceof Promise ? await known : known;
      const turn = this.room.pace.turn();
      if (turn) await turn;
      const { tried, refusedBy, startedAt, endAt } = this;
      const refused = refusedBy.size > 0 && contenders.all.every(({ candidate }) => refusedBy.has(candidate.agentId));
      if (refused && contenders.all.length > 0 && this.failure) return this.failed(this.failure);
      const search: Search = { contenders, counter, tried, refusedBy, startedAt, endAt, input };
      const finding = findInstance(this.room, this.terms, search);
      const sought = finding instanceof Promise ? await finding : finding;
      const covering = sought.kind === 'instance' ? withinQuota(this.room, this.terms, sought, endAt) : sought;
      const found = covering instanceof Promise ? await covering : covering;
      switch (found.kind) {
        case 'again':
          break;
        case 'deferred':
          return this.deferred(found.afterMs);
        case 'all-tried':
          this.tried.clear();
          if (!this.patience?.isTried) await this.backOff();
          else if (!(await this.patience.keeps(contenders.all))) return this.outOfReach(this.patience);
          break;
        case 'failed':
          return this.failed(found.error);
        case 'nobody':
          this.patience ??= new Patience(this.room, this.terms, this.endAt);
          if (!(await this.patience.keeps(contenders.all))) return this.outOfReach(this.patience);
          break;
        case 'instance': {
          const { candidate } = found.contender;
          if (search.choice) this.chose(search.choice, this.sent + 1);
          const refused = this.reserve && (await this.reserve.take(candidate, this.sent + 1));
          const made = refused ? notSent(candidate, refused) : await this.ask(candidate, input, search);
          for (const attempted of [made].flat()) {
            const { candidate: asked, result } = attempted;
            if (result instanceof AnswersLater) {
              const pending = await this.goOn(await this.pend(attempted, result));
              if (pending) return pending;
              continue;
            }
            if (!(result instanceof BrikkError)) return this.completed(result, asked);
            const end = this.learn(asked, result);
            if (end) return end();
          }
        }
      }
    }
  }

  private async pend({ candidate, number: attempt, sentAt }: Sent, later: AnswersLater): Promise<WaitingCall> {
    const { startedAt, endAt, sent, counted, rounds, firstSentAt = sentAt } = this;
    const hasReserved = this.reserve?.hasReserved ?? false;
    const [tried, refusedBy, choice] = [[...this.tried], [...this.refusedBy], this.choiceOf(attempt)];
    const course = { startedAt, firstSentAt, sentAt, endAt, attempt, sent, counted, rounds, hasReserved };
    return openPending(this.room, this.terms, candidate, later, { ...course, tried, refusedBy, choice });
  }

  /** What came of the attempt that is answered later; undefined when it failed and the next one is due. */
  private async goOn({ progress, answer }: WaitingCall): Promise<FinishedCall | PendingCall | undefined> {
    const { candidate, endAt } = progress;
    if (answer) {
      const result = lateAttempt(this.room, this.terms, progress, answer);
      if (!(result instanceof BrikkError)) return this.completed(result, candidate);
      return this.learn(candidate, result)?.();
    }
    if (this.terms.signal.aborted) return this.canceled();
    if (Date.now() >= endAt) return this.failed(overdueAttempt(this.room, this.terms, progress));
    await Promise.all(this.notes);
    return { key: this.terms.call.key, pending: { dueAt: endAt } };
  }

  private restore(made: CallProgress): void {
    const { firstSentAt, sent, counted, rounds, candidate: last } = made;
    Object.assign(this, { firstSentAt, sent, counted, rounds, last });
    for (const instanceId of made.tried) this.tried.add(instanceId);
    for (const agentId of made.refusedBy) this.refusedBy.add(agentId);
    if (this.reserve) this.reserve.hasReserved = made.hasReserved;
  }

  /** What a failed attempt means for the next one; a function that ends the call when there is none. */
  private learn(candidate: CallProgress['candidate'], error: BrikkError): (() => Promise<FinishedCall>) | undefined {
    const { retry } = this.terms.call;
    this.failure = error;
    this.spend(error);
    if (error instanceof BudgetRefused) return this.refusedByBudget(candidate, error);
    if (error.code === 'agent.canceled') return () => this.canceled();
    if (error instanceof InputRequired) return () => this.asked(candidate, error);
    if (error.code === 'agent.unavailable') this.patience ??= new Patience(this.room, this.terms, this.endAt);
    this.patience?.reached(error.code !== 'agent.unavailable');
    if (retry.nonRetryable.includes(error.code)) return () => this.failed(error);
    if (error.code === 'agent.rejected' || error.code === 'agent.permanent') this.refusedBy.add(candidate.agentId);
    if (error.code === 'agent.rate_limited' && error.retryAfterMs !== undefined)
      this.room.breakers.holdOff(candidate.instanceId, error.retryAfterMs);
    else this.tried.add(candidate.instanceId);
    // A connection that was never made and a wish to wait were no attempts at the task.
    if (error.code !== 'agent.unavailable' && error.retryAfterMs === undefined) this.counted += 1;
    if (this.counted >= retry.maxAttempts) return () => this.failed(error);
    this.unreported = { candidate, number: this.sent, error };
    return undefined;
  }

  /** Recorded as the end of this call: the next one brings the answer. */
  private asked({ agentId }: CallProgress['candidate'], error: InputRequired): Promise<FinishedCall> {
    const said = { ...errorOf(error), asked: { ...error.asked, agentId } };
    return this.record({ status: 'failed', error: said, usage: this.usage(this.sent) });
  }

  /** Where no further agent is allowed, one that was called before may still do it. */
  private refusedByBudget(
    candidate: CallProgress['candidate'],
    error: BudgetRefused,
  ): (() => Promise<FinishedCall>) | undefined {
    const { limit } = error.refusal;
    if (limit === 'agents') this.refusedBy.add(candidate.agentId);
    this.note(refusedEvent(this.terms.call, candidate, this.sent, error));
    return limit === 'agents' ? undefined : () => this.failed(error);
  }

  /** The workflow asks again after so long. */
  private async deferred(afterMs: number): Promise<DeferredCall> {
    this.reportRetry();
    await Promise.all(this.notes);
    return { key: this.terms.call.key, deferred: { afterMs } };
  }

  /** A queued call waits for whoever comes. */
  private outOfReach({ queuedMs }: Patience): Promise<FinishedCall | DeferredCall> {
    return queuedMs === undefined
      ? this.failed(nobodyToCall(this.terms.call.target, this.failure))
      : this.deferred(queuedMs);
  }

  private overdue(): Promise<FinishedCall> {
    const alone = this.patience?.isTried && nobodyToCall(this.terms.call.target, undefined);
    return this.failed(this.failure ?? (alone || tooLate(this.endAt - this.startedAt)));
  }

  private async backOff(): Promise<void> {
    this.rounds += 1;
    const waitMs = backoffMs(this.terms.call.retry, this.rounds, this.room.random);
    await pause(Math.min(waitMs, this.endAt - Date.now()), this.terms.signal);
  }

  private async completed(
    { output, confidence, usage }: TaskAnswer,
    by: CallProgress['candidate'],
  ): Promise<FinishedCall> {
    this.last = by;
    const { batch, signal } = this.terms;
    const costUsd = usage?.costUsd ?? by.costUsd ?? undefined;
    const store = () => this.room.payloads.store(batch.orgId, batch.runId, output);
    return this.record({
      status: 'completed',
      output: inlineWhenSmall(output) ?? (await whileUnavailable(signal, store)),
      confidence,
      degraded: by.degraded,
      usage: this.usage(this.sent, costUsd, usage),
    });
  }

  private failed(error: BrikkError): Promise<FinishedCall> {
    return this.record({ status: 'failed', error: errorOf(error), usage: this.usage(this.sent) });
  }

  /** Journaled when the run wanted it; a worker that has to stop leaves the call to the next one. */
  private async canceled(): Promise<FinishedCall> {
    if (!this.terms.cancelRequested()) throw this.terms.signal.reason as Error;
    const error = errorOf(new BrikkError('agent.canceled', 'The call was canceled'));
    return this.record({ status: 'canceled', error, usage: this.usage(this.sent) });
  }

  private record(end: CallEnd): Promise<FinishedCall> {
    const { last, sent: attempts, startedAt, firstSentAt: sentAt } = this;
    const hasReserved = this.reserve?.hasReserved;
    return this.write(journalRow(this.terms.call, end, last, { startedAt, sentAt, attempts, hasReserved }));
  }
}
