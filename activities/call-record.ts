import type { BrikkError } from '../contracts/errors.js';
import type { NewRunEvent } from '../contracts/events.js';
import type { CallProgress } from '../contracts/later-answers.js';
import type { FinishedCall } from '../contracts/run-workflow.js';
import type { Usage } from '../contracts/usage.js';
import type { LoggedChoice, MadeChoice } from '../contracts/selection.js';
import { addUsage } from './add-usage.js';
import { chosenEvent, retriedEvent } from './call-events.js';
import { type CallRoom, type CallTerms, errorOf } from './call-terms.js';
import type { JournalRow } from './dependencies.js';
import { journalRow } from './journal-row.js';
import { whileUnavailable } from './while-unavailable.js';

type Spent = Omit<Usage, 'calls'>;

/** What is written of a call: notes while it is under way, which are durable before it is over, and its row. */
export class CallRecord {
  protected readonly notes: Promise<void>[] = [];
  protected unreported: { candidate: CallProgress['candidate']; number: number; error: BrikkError } | undefined;
  protected held = false;
  private choice: MadeChoice | undefined;
  /** By attempts that failed. */
  private spent: Spent | undefined;

  constructor(
    protected readonly room: CallRoom,
    protected readonly terms: CallTerms,
  ) {}

  /** Once it is over: whether somebody had asked the run to pause or to cancel when it was recorded. */
  get isHeld(): boolean {
    return this.held;
  }

  protected async write(row: JournalRow, journal = this.room.journal): Promise<FinishedCall> {
    const { batch, signal } = this.terms;
    // The answer is in hand: it is kept through an outage of the database rather than asked for again.
    const recorded = whileUnavailable(signal, () => journal.record(batch.orgId, batch.runId, row));
    const { call: outcome, isHeld } = await recorded;
    for (const note of this.notes) await note;
    this.held = isHeld;
    return outcome;
  }

  /** Over before an agent was asked; a worker that has to stop leaves the call to the next one. */
  protected async endUnasked(error: BrikkError, startedAt: number, journal = this.room.journal): Promise<FinishedCall> {
    const { call, signal, cancelRequested } = this.terms;
    const isCanceled = error.code === 'agent.canceled';
    if (isCanceled && !cancelRequested()) throw signal.reason as Error;
    const status = isCanceled ? 'canceled' : 'failed';
    const course = { startedAt, sentAt: startedAt, attempts: 0, hasReserved: undefined };
    const over = journalRow(call, { status, error: errorOf(error), usage: { calls: 0 } }, undefined, course);
    return this.write({ ...over, execMs: 0 }, journal);
  }

  protected spend({ usage }: BrikkError): void {
    if (usage) this.spent = addUsage(this.spent, usage);
  }

  /** Of all attempts; `said` is what the one that completed reports of itself. */
  protected usage(calls: number, costUsd?: number, said?: Spent): Usage {
    const usage = { calls, ...(costUsd !== undefined && { costUsd }), ...said };
    return this.spent ? { ...addUsage(usage, this.spent), calls } : usage;
  }

  /** A choice by chance is on record with how likely it was. */
  protected chose(choice: LoggedChoice, attempt: number): void {
    const { call, batch } = this.terms;
    this.choice = { ...choice, runId: batch.runId, callKey: call.key, attempt };
    this.note(chosenEvent(call, this.choice));
  }

  protected choiceOf(attempt: number): MadeChoice | undefined {
    return this.choice?.attempt === attempt ? this.choice : undefined;
  }

  protected reportRetry(): void {
    if (!this.unreported) return;
    const { candidate, number, error } = this.unreported;
    this.unreported = undefined;
    this.note(retriedEvent(this.terms.call, candidate, number, error));
  }

  /** Written beside the work: earlier in the run's stream than the call's end, and durable before the call is over. */
  protected note(event: NewRunEvent): void {
    const { batch, signal } = this.terms;
    const written = whileUnavailable(signal, () => this.room.events.append(batch.orgId, batch.runId, [event]));
    written.catch(() => undefined); // Reported where the call is recorded.
    this.notes.push(written);
  }
}
