import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { RunActivities, RunRef } from '../../contracts/run-workflow.js';
import { type RunEnd, type RunStatus, type TerminalStatus } from '../../contracts/runs.js';
import { runWorkflowId } from '../../contracts/run-workflow.js';
import { startRunWorkflow, type StartableRun } from '../../database/start-run-workflow.js';

export type OpenRun = RunRef & { status: RunStatus };
export type PendingSteering = RunRef & { id: string } & (
    { kind: 'cancel' | 'pause' | 'resume' } | { kind: 'signal'; name: string; data: unknown }
  );

/** What the sweeper asks of Postgres. */
export interface SweptRecord {
  findStaleRuns(options: { olderThanMs: number; limit: number }): Promise<OpenRun[]>;
  findRunInput(run: RunRef): Promise<StartableRun>;
  finishRun: RunActivities['finishRun'];
  findPendingSteering(): Promise<PendingSteering[]>;
  markDelivered(steering: PendingSteering): Promise<void>;
  sweepLeases(): Promise<unknown>;
}

const INTERVAL_MS = 1_000;
const OLDER_THAN_MS = 2_000;
const MAX_RUNS = 5_000;
const AT_ONCE = 10;
const ENGINE_DEADLINE_MS = 5_000;
/** A run whose workflow was seen at work is looked at less and less often. */
const FIRST_LOOK_MS = 2_000;
const LONGEST_LOOK_MS = 30_000;

/**
 * Once a second: gives every open run a workflow, ends runs whose workflow ended without saying so, delivers steering
 * that found the engine away, sweeps ended leases. Every step may be repeated, and by several workers at once.
 */
export class Sweeper {
  private readonly looks = new Map<string, { at: number; everyMs: number }>();
  private readonly problems = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly record: SweptRecord,
    private readonly client: Client,
    private readonly log: Logger,
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
    const open = await this.record.findStaleRuns({ olderThanMs: OLDER_THAN_MS, limit: MAX_RUNS });
    const ids = new Set(open.map(({ runId }) => runId));
    for (const runId of this.looks.keys()) if (!ids.has(runId)) this.looks.delete(runId);
    const now = Date.now();
    await inTurn(
      open.filter(({ runId }) => (this.looks.get(runId)?.at ?? 0) <= now),
      (run) => this.sweepRun(run),
    );
  }

  private async sweepRun(run: OpenRun): Promise<void> {
    const found = await this.describe(run);
    if (found === undefined) {
      const startable = await this.record.findRunInput(run);
      const input = { ...startable.input, resumed: true };
      await startRunWorkflow(this.client, { ...startable, input } as StartableRun);
      this.log.info({ runId: run.runId }, 'a run without a workflow was started');
    } else if (found === 'RUNNING') {
      const everyMs = Math.min((this.looks.get(run.runId)?.everyMs ?? FIRST_LOOK_MS / 2) * 2, LONGEST_LOOK_MS);
      this.looks.set(run.runId, { at: Date.now() + everyMs, everyMs });
    } else {
      await this.record.finishRun({ ...run, ...endOf(found), output: { inline: null }, events: [] });
      this.log.warn({ runId: run.runId, engine: found }, 'a run whose workflow had ended was finished');
    }
  }

  private async describe(run: RunRef): Promise<string | undefined> {
    try {
      const { status } = await this.client.withDeadline(Date.now() + ENGINE_DEADLINE_MS, () =>
        this.client.workflow.getHandle(runWorkflowId(run)).describe(),
      );
      return status.name;
    } catch (error) {
      if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
      throw error;
    }
  }

  private async sweepSteering(): Promise<void> {
    await inTurn(await this.record.findPendingSteering(), async (steering) => {
      const handle = this.client.workflow.getHandle(runWorkflowId(steering));
      try {
        await this.client.withDeadline(Date.now() + ENGINE_DEADLINE_MS, async () => {
          if (steering.kind === 'cancel') await handle.cancel();
          else if (steering.kind === 'signal')
            await handle.signal('signal', { name: steering.name, data: steering.data });
          else await handle.signal(steering.kind);
        });
      } catch (error) {
        // Without a workflow yet it stays pending; the workflow is started by the same sweeper.
        if (error instanceof Error && error.name === 'WorkflowNotFoundError') return;
        throw error;
      }
      await this.record.markDelivered(steering);
    });
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
