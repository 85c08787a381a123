import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { NumberedEvent } from '../../contracts/event-bus.js';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import type { RunRef } from '../../contracts/values.js';
import { startRunWorkflow, type StartableRun } from '../../database/start-run-workflow.js';
import type { DueDeliveries } from '../../database/event-deliveries.js';
import { inLanes, WakefulLoop } from './wakeful-loop.js';
import { groupBy } from '../../database/group-by.js';

/** What the bus asks of Postgres. */
export interface BusRecord {
  /** Brings what runs have sent to the bus; true when something was brought. */
  publishOutbox(): Promise<boolean>;
  claimDeliveries(limit: number): Promise<DueDeliveries[]>;
  /** Accepts the runs that a schedule starts for its pending events. */
  fireSchedule(listener: { orgId: string; listenerId: string }): Promise<StartableRun[]>;
  /** Makes deliveries of what webhook endpoints of one organisation have heard. */
  fanOut(orgId: string, endpoints: string[]): Promise<void>;
  settleDeliveries(
    listener: { orgId: string; listenerId: string },
    numbers: number[],
    status: 'delivered' | 'dropped',
  ): Promise<void>;
  /** Calls back when there may be something to do, until it is closed. */
  listen(onNews: () => void): Promise<{ close(): Promise<void> }>;
}

const CLAIM = 500;
const AT_ONCE = 20;
const ENGINE_DEADLINE_MS = 5_000;
/** A signal's payload ends at 2 MiB; history counts each. */
const SIGNAL_EVENTS = 100;
const SIGNAL_BYTES = 524_288;

/**
 * Brings events to those who listen, as soon as they are accepted and once a second what was left: a run is told by
 * signals, a schedule starts runs, a webhook endpoint gets deliveries of its own. A delivery may be repeated, and overtaken: the listener goes by the numbers. While the engine is away
 * everything stays where it is, in Postgres.
 */
export class EventBus extends WakefulLoop {
  constructor(
    private readonly record: BusRecord,
    private readonly client: Client,
    log: Logger,
    private readonly agentQueue?: string,
  ) {
    super('events', record, log);
  }

  protected async pass(): Promise<boolean> {
    const hasBrought = await this.record.publishOutbox();
    const due = await this.record.claimDeliveries(CLAIM);
    const works = due.flatMap((next) => (next.isEndpoint ? [] : [() => this.deliver(next)]));
    const heard = due.filter(({ isEndpoint }) => isEndpoint);
    const fanOuts = [...groupBy(heard, ({ orgId }) => orgId)].map(([orgId, endpoints]) => {
      const ids = endpoints.map(({ listenerId }) => listenerId);
      return () => this.record.fanOut(orgId, ids);
    });
    await inLanes([...fanOuts, ...works], AT_ONCE, (work) => work());
    return hasBrought || due.length > 0;
  }

  private async deliver({ events, isOver, workflow, ...listener }: DueDeliveries): Promise<void> {
    if (workflow !== null) return this.fire(listener);
    const numbers = (part: NumberedEvent[]) => part.map(({ number }) => number);
    if (isOver) return this.record.settleDeliveries(listener, numbers(events), 'dropped');
    const run = { orgId: listener.orgId, runId: listener.listenerId };
    for (const part of parts(events)) {
      if (!(await this.tell(run, part))) return;
      await this.record.settleDeliveries(listener, numbers(part), 'delivered');
    }
  }

  /** What does not start here is on record: the sweeper starts it. */
  private async fire(listener: { orgId: string; listenerId: string }): Promise<void> {
    for (const run of await this.record.fireSchedule(listener))
      await startRunWorkflow(this.client, run, this.agentQueue);
  }

  /** False when the run's workflow cannot be told now: it has not begun, or just ended. What is due comes again. */
  private async tell(run: RunRef, events: NumberedEvent[]): Promise<boolean> {
    const workflow = this.client.workflow.getHandle(runWorkflowId(run));
    try {
      await this.client.withDeadline(Date.now() + ENGINE_DEADLINE_MS, () => workflow.signal('events', events));
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
      throw error;
    }
  }
}

function parts(events: NumberedEvent[]): NumberedEvent[][] {
  const made: NumberedEvent[][] = [];
  let bytes = 0;
  for (const event of events) {
    const size = JSON.stringify(event).length;
    const last = made.at(-1);
    if (last && last.length < SIGNAL_EVENTS && bytes + size <= SIGNAL_BYTES) {
      last.push(event);
      bytes += size;
    } else {
      made.push([event]);
      bytes = size;
    }
  }
  return made;
}
