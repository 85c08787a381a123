import type { Client, WorkflowHandle } from '@temporalio/client';
import type { Logger } from 'pino';
import { type RunActivities, runWorkflowId } from '../../contracts/run-workflow.js';
import type { RunEnd, TerminalStatus } from '../../contracts/runs.js';
import type { RunRef } from '../../contracts/values.js';
import { startRunWorkflow, type StartableRun } from '../../database/start-run-workflow.js';
import type { SteeringRequest } from '../../database/steering-request.js';
import type { PendingSteering } from '../../database/sweeps.repository.js';

/** What the sweeper asks of Postgres. */
export interface SweptRecord {
  /** Open runs that are due for a look; each is given to one sweeper. */
  findStaleRuns(options: { olderThanMs: number; limit: number }): Promise<RunRef[]>;
  findStartableRun(run: RunRef): Promise<StartableRun>;
  finishRun: RunActivities['finishRun'];
  findPendingSteering(): Promise<PendingSteering[]>;
  settleSteering(run: RunRef, ids: string[]): Promise<void>;
  sweepLeases(): Promise<unknown>;
  sweepMemory(): Promise<unknown>;
  sweepSessions(): Promise<unknown>;
  /** A run whose workflow was lost hears its events again. */
  redeliverEvents(run: RunRef): Promise<void>;
  sweepEvents(): Promise<unknown>;
  /** Runs whose definitions say how long they are kept. */
  deleteOldRuns(): Promise<unknown>;
  /** Old events from outside. */
  sweepInbound(): Promise<unknown>;
  /** Keys of effects outside that nobody repeats any more, and credentials that end. */
  sweepConnections(): Promise<unknown>;
  /** Deliveries to webhook endpoints that lie too long. */
  sweepWebhooks(): Promise<unknown>;
  /** Secrets of agents that were kept before there was a master key. */
  sealKept(): Promise<unknown>;
  sweepResources(): Promise<unknown>;
  /** Calls whose agents were to answer later, and are silent. */
  sweepSilentCalls(): Promise<unknown>;
  /** Accepts the runs of schedules that are due. */
  sweepSchedules(): Promise<StartableRun[]>;
}

const INTERVAL_MS = 1_000;
const OLDER_THAN_MS = 2_000;
const EVENTS_INTERVAL_MS = 60_000;
const MAX_RUNS = 500;
const AT_ONCE = 10;
const ENGINE_DEADLINE_MS = 5_000;

/**
 * Once a second: gives every open run a workflow, ends runs whose workflow ended without saying so, delivers steering
 * that found the engine away, sweeps ended leases (of agents and of resources) and memory, begins what schedules say.
 * Every step may be repeated, and by several workers at once.
 */
export class Sweeper {
  private readonly problems = new Map<string, string>();
  private eventsDueAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly record: SweptRecord,
    private readonly client: Client,
    private readonly log: Logger,
    private readonly agentQueue?: string,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.sweeping ??= this.sweep().finally(() => (this.sweeping = undefined));
    }, INTERVAL_MS);
  }

  /** Waits for the sweep in hand. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** One pass. A part that fails is logged once until it works again, and does not hold up the others. */
  async sweep(): Promise<void> {
    await Promise.all([
      this.part('runs', () => this.sweepRuns()),
      this.part('steering', () => this.sweepSteering()),
      this.part('leases', () => this.record.sweepLeases()),
      this.part('memory', () => this.record.sweepMemory()),
      this.part('sessions', () => this.record.sweepSessions()),
      this.part('events', () => this.sweepEvents()),
      this.part('resources', () => this.record.sweepResources()),
      this.part('silent calls', () => this.record.sweepSilentCalls()),
      this.part('schedules', () => this.sweepSchedules()),
    ]);
  }

  private async part(name: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      if (this.problems.delete(name)) this.log.info({ part: name }, 'sweeping works again');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.problems.get(name) !== reason) this.log.warn({ part: name, reason }, 'sweeping failed: trying again');
      this.problems.set(name, reason);
    }
  }

  private async sweepRuns(): Promise<void> {
    // A look counts only when the engine can be asked: runs are not put off by its absence.
    await this.within(() => this.client.connection.workflowService.getSystemInfo({}));
    const open = await this.record.findStaleRuns({ olderThanMs: OLDER_THAN_MS, limit: MAX_RUNS });
    await inTurn(open, (run) => this.sweepRun(run));
  }

  private async sweepRun(run: RunRef): Promise<void> {
    const found = await this.describe(run);
    if (found === 'RUNNING') return;
    if (found === undefined) {
      const startable = await this.record.findStartableRun(run);
      const input = { ...startable.input, resumed: true };
      await this.record.redeliverEvents(run);
      await startRunWorkflow(this.client, { ...startable, input } as StartableRun, this.agentQueue);
      this.log.info({ runId: run.runId }, 'a run without a workflow was started');
    } else {
      const { orgId, runId } = run;
      await this.record.finishRun({ orgId, runId, ...endOf(found), output: { inline: null }, events: [] });
      this.log.warn({ runId, engine: found }, 'a run whose workflow had ended was finished');
    }
  }

  /** What does not start here is on record: it is started as any open run without a workflow. */
  private async sweepSchedules(): Promise<void> {
    const runs = await this.record.sweepSchedules();
    await inTurn(runs, async (run) => void (await startRunWorkflow(this.client, run, this.agentQueue)));
  }

  private within<T>(work: () => Promise<T>): Promise<T> {
    return this.client.withDeadline(Date.now() + ENGINE_DEADLINE_MS, work);
  }

  /** Seldom: events and runs are kept for weeks. */
  private async sweepEvents(): Promise<void> {
    if (Date.now() < this.eventsDueAt) return;
    this.eventsDueAt = Date.now() + EVENTS_INTERVAL_MS;
    await Promise.all([
      this.record.sweepEvents(),
      this.record.deleteOldRuns(),
      this.record.sweepInbound(),
      this.record.sweepConnections(),
      this.record.sweepWebhooks(),
      this.record.sealKept(),
    ]);
  }

  private async describe(run: RunRef): Promise<string | undefined> {
    try {
      const { status } = await this.within(() => this.client.workflow.getHandle(runWorkflowId(run)).describe());
      return status.name;
    } catch (error) {
      if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
      throw error;
    }
  }

  private async sweepSteering(): Promise<void> {
    await inTurn(await this.record.findPendingSteering(), async ({ requests, ...run }) => {
      const handle = this.client.workflow.getHandle(runWorkflowId(run));
      try {
        // In the order in which they were asked; a repeat changes nothing.
        for (const request of requests) await this.within(() => deliver(handle, request));
      } catch (error) {
        // Without a workflow it stays pending: the same sweeper starts one, or ends the run.
        if (error instanceof Error && error.name === 'WorkflowNotFoundError') return;
        throw error;
      }
      const ids = requests.map(({ id }) => id);
      await this.record.settleSteering(run, ids);
    });
  }
}

async function deliver(handle: WorkflowHandle, request: SteeringRequest): Promise<void> {
  switch (request.kind) {
    case 'cancel':
      await handle.cancel();
      break;
    case 'pause':
    case 'resume':
      await handle.signal(request.kind);
      break;
    case 'signal':
      await handle.signal('signal', { id: request.id, name: request.name, data: request.data });
      break;
    case 'approval':
      await handle.signal('approval', request.verdict);
      break;
    case 'answer':
      await handle.signal('answer', request.notice);
  }
}

const ENDS: Record<string, { status: TerminalStatus; terminationReason: RunEnd['terminationReason'] }> = {
  CANCELLED: { status: 'canceled', terminationReason: 'canceled' },
  TERMINATED: { status: 'canceled', terminationReason: 'canceled' },
  TIMED_OUT: { status: 'timed_out', terminationReason: 'deadline' },
};

function endOf(engineStatus: string): RunEnd {
  const end = ENDS[engineStatus] ?? { status: 'failed', terminationReason: 'internal' };
  const message = `The workflow ended ${engineStatus.toLowerCase()} before it could say how the run went`;
  return { ...end, degraded: false, rounds: 0, warnings: [], error: { code: 'internal', message } };
}

/** A few at a time. One that fails does not hold up the others; when many do, the rest would fail alike. */
async function inTurn<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const failures: unknown[] = [];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined && failures.length < AT_ONCE; item = waiting.shift())
      await work(item).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
}
