import { BrikkError } from '../contracts/errors.js';
import type { PendingCall, WaitingCall } from '../contracts/later-answers.js';
import type { LeaseAnswer, LeaseRefusal, Needs } from '../contracts/needs.js';
import type { DeferredCall, FinishedCall } from '../contracts/run-workflow.js';
import { AgentCallRun } from './agent-call.js';
import { deadlockEvent, grantedEvent, waitingEvent } from './call-events.js';
import { CallRecord } from './call-record.js';
import type { CallRoom, CallTerms } from './call-terms.js';
import { whileUnavailable } from './while-unavailable.js';

/** A longer wait leaves the activity, unless other calls of the batch are at work in it anyway. */
const LONGEST_WAIT_MS = 2_000;
/** Between looks for what workers elsewhere gave back. */
const FIRST_LOOK_MS = 100;
const LATER_LOOK_MS = 1_000;
/** Outside of the activity the pauses grow with the wait, and stay far below the time that a place is kept. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 3_000;
/** How long what is leased is kept for a call that has no agent yet. */
const PARKED_MS = 15_000;

/**
 * A call that needs resources: they are leased before an agent is looked for, and free again in the transaction that
 * journals the call. While it waits it keeps its place, here or, deferred, in the workflow; its whole time counts.
 */
export class LeasedCall extends CallRecord {
  private readonly startedAt = Date.now();
  private readonly endAt: number;
  private waitedMs = 0;
  private rests = false;

  constructor(
    room: CallRoom,
    terms: CallTerms,
    private readonly needs: Needs,
    /** An agent has the call, which answers later: what it needs is leased. */
    private readonly waiting?: WaitingCall,
  ) {
    super(room, terms);
    this.endAt = Math.min(this.startedAt + terms.call.timeout.totalMs, terms.batch.deadlineAt);
  }

  async run(recorded: Promise<void>): Promise<FinishedCall | DeferredCall | PendingCall> {
    const { terms } = this;
    const { batch, call, signal } = terms;
    const { orgId } = batch;
    const refusal = this.waiting ? undefined : await this.take().finally(() => this.rest(false));
    await Promise.all([recorded, ...this.notes]);
    if (refusal instanceof BrikkError) return this.endUnasked(refusal, this.startedAt, this.releasing().journal);
    if (refusal) return { key: call.key, deferred: refusal };
    const totalMs = Math.max(1, this.endAt - Date.now());
    const timeout = { ...call.timeout, totalMs };
    const made = new AgentCallRun(this.releasing(), { ...terms, call: { ...call, timeout } }, this.waiting);
    const outcome = await made.run(Promise.resolve());
    if ('deferred' in outcome)
      await whileUnavailable(signal, () => this.room.leases.ask(orgId, this.request(PARKED_MS)));
    this.held = made.isHeld;
    return outcome;
  }

  /** Undefined when it has all it needs. */
  private async take(): Promise<BrikkError | DeferredCall['deferred'] | undefined> {
    const { signal, batch, company } = this.terms;
    for (let looks = 0; ; looks += 1) {
      const leftMs = this.endAt - Date.now();
      if (signal.aborted) return this.aborted();
      if (leftMs <= 0) return this.tooLate();
      const answer = await whileUnavailable(signal, () => this.room.leases.ask(batch.orgId, this.request(leftMs)));
      if (answer.state === 'refused') return refused(answer, this.needs);
      if (answer.state === 'deadlocked') return this.deadlocked(answer.refusal);
      this.waitedMs = answer.waitedMs;
      if (answer.state === 'held') {
        this.note(grantedEvent(this.terms.call, this.needs, answer));
        return undefined;
      }
      this.rest(true);
      if (looks === 0) this.note(waitingEvent(this.terms.call, this.needs, answer));
      const isNew = answer.waitedMs < LONGEST_WAIT_MS;
      if (!isNew && !company?.working)
        return { afterMs: Math.min(Math.max(answer.waitedMs / 4, FIRST_PAUSE_MS), LONGEST_PAUSE_MS) };
      await this.room.leases.wait(batch.orgId, Math.min(isNew ? FIRST_LOOK_MS : LATER_LOOK_MS, leftMs), signal);
    }
  }

  /** Whether it waits; until it knows that it has to, it counts as at work. */
  private rest(rests: boolean): void {
    const { company } = this.terms;
    if (company && rests !== this.rests) company.working += rests ? -1 : 1;
    this.rests = rests;
  }

  private request(leftMs: number) {
    const { batch, call } = this.terms;
    return { runId: batch.runId, callKey: call.key, needs: this.needs, priority: batch.priority, leftMs };
  }

  /** The same room, where the end of the call gives back what it holds. */
  private releasing(): CallRoom {
    const { room, waitedMs } = this;
    const record: CallRoom['journal']['record'] = async (orgId, runId, row) => {
      const done = await room.journal.record(orgId, runId, {
        ...row,
        hasAsked: true,
        queueMs: row.queueMs + Math.round(waitedMs),
      });
      room.leases.freed(orgId);
      return done;
    };
    const { journal } = room;
    return { ...room, journal: { outcomes: (...asked) => journal.outcomes(...asked), record } };
  }

  private deadlocked({ cycle }: LeaseRefusal): BrikkError {
    this.note(deadlockEvent(cycle));
    const circle = cycle.map(({ work, resource }) => `${work} for ${resource}`).join(', ');
    return new BrikkError('resource.deadlock', `What it needs is held by those who wait for it in turn: ${circle}`);
  }

  private aborted(): BrikkError {
    return new BrikkError('agent.canceled', 'The call was canceled');
  }

  private tooLate(): BrikkError {
    const names = Object.keys(this.needs).join(', ');
    return new BrikkError(
      'agent.timeout',
      `What it needs (${names}) was not free within ${this.endAt - this.startedAt} ms`,
    );
  }
}

function refused({ resource, capacity }: Extract<LeaseAnswer, { state: 'refused' }>, needs: Needs): BrikkError {
  return capacity === null
    ? new BrikkError('resource.not_found', `There is no resource ${resource}`)
    : new BrikkError('resource.insufficient', `${resource} has ${capacity}, the call needs ${needs[resource]}`);
}
