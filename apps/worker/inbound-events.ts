import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { BrikkError } from '../../contracts/errors.js';
import type { ClaimedEvent } from '../../database/route-inbound.js';
import { startRunWorkflow, type StartableRun } from '../../database/start-run-workflow.js';
import { inLanes, WakefulLoop } from './wakeful-loop.js';

/** What routing asks of Postgres. */
export interface InboundRecord {
  claim(limit: number): Promise<ClaimedEvent[]>;
  /** Does what the route of an event asks for; the runs to start. */
  route(event: ClaimedEvent): Promise<StartableRun[]>;
  bury(event: ClaimedEvent, reason: string): Promise<void>;
  listen(onNews: () => void): Promise<{ close(): Promise<void> }>;
}

const CLAIM = 100;
/** Each holds a connection while it routes. */
const AT_ONCE = 4;
/** Of an event that fails for no reason that has a name. */
const MAX_ATTEMPTS = 8;

/**
 * Routes the events that webhooks have brought, as soon as they are on record, and those that a dead worker left. What
 * cannot be carried out is dead, with the reason.
 */
export class InboundEvents extends WakefulLoop {
  constructor(
    private readonly record: InboundRecord,
    private readonly client: Client,
    log: Logger,
    private readonly agentQueue?: string,
  ) {
    super('events from outside', record, log);
  }

  protected async pass(): Promise<boolean> {
    const due = await this.record.claim(CLAIM);
    await inLanes(due, AT_ONCE, (event) => this.route(event));
    return due.length === CLAIM;
  }

  private async route(event: ClaimedEvent): Promise<void> {
    let runs: StartableRun[];
    try {
      runs = await this.record.route(event);
    } catch (error) {
      return this.failed(event, error);
    }
    for (const run of runs)
      // What does not start here is on record: the sweeper starts it.
      await startRunWorkflow(this.client, run, this.agentQueue).catch((error: unknown) =>
        this.log.warn({ runId: run.input.runId, reason: reasonOf(error) }, 'the engine did not take a run'),
      );
  }

  private async failed(event: ClaimedEvent, error: unknown): Promise<void> {
    if (error instanceof BrikkError && !error.retryable) return this.record.bury(event, error.message);
    // An outage ends by itself: the event is not at fault.
    if (error instanceof BrikkError || event.attempts < MAX_ATTEMPTS) throw error;
    this.log.error({ eventId: event.id, reason: reasonOf(error) }, 'an event from outside cannot be routed');
    await this.record.bury(event, 'Something failed on our side; the log of the worker has the id of the event');
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
