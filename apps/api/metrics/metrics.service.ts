import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { breakerMovesOfAll } from '../../../database/breaker-changes.js';
import { queuesOfAll } from '../../../database/connection-queue.js';
import { Database } from '../../../database/database.js';
import { RunNotifications } from '../../../database/notifications.js';
import { endsOfAll } from '../../../database/sweep-credentials.js';
import { countRunsOfAll } from '../../../database/stats.repository.js';

/** Counting runs reads the table: not at every scrape. */
const COUNT_EVERY_MS = 15_000;

/** One registry per API, so that several can live in one process. */
@Injectable()
export class MetricsService {
  private readonly registry = new Registry();
  private readonly durations = new Histogram({
    name: 'brikk_http_request_duration_seconds',
    help: 'Time to answer, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 60],
    registers: [this.registry],
  });
  private readonly runs = new Gauge({
    name: 'brikk_runs',
    help: 'Runs that have not ended, by status',
    labelNames: ['status'],
    registers: [this.registry],
  });
  private readonly endedRuns = new Gauge({
    name: 'brikk_runs_ended_5m',
    help: 'Runs that have ended within the last five minutes, by status',
    labelNames: ['status'],
    registers: [this.registry],
  });
  private readonly connectionQueues = new Gauge({
    name: 'brikk_connection_waiting_calls',
    help: 'Calls that wait for their turn at a connection, by its id',
    labelNames: ['connection'],
    registers: [this.registry],
  });
  private readonly connectionWaits = new Gauge({
    name: 'brikk_connection_oldest_wait_seconds',
    help: 'How long the first of the calls that wait for a connection has been waiting, by its id',
    labelNames: ['connection'],
    registers: [this.registry],
  });
  private readonly credentialEnds = new Gauge({
    name: 'brikk_connection_credential_end_timestamp_seconds',
    help: 'When the credential of a connection ends, in seconds since the epoch, by the id of the connection',
    labelNames: ['connection'],
    registers: [this.registry],
  });
  private readonly breakerMoves = new Counter({
    name: 'brikk_breaker_changes_total',
    help: 'How often breakers have opened (again for each probe that failed) and closed, by whose they are',
    labelNames: ['kind', 'state'],
    registers: [this.registry],
  });
  private countedAt = 0;

  constructor(
    private readonly database: Database,
    notifications: RunNotifications,
  ) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'brikk_run_readers',
      help: 'Open streams of events, and requests that wait for the end of a run',
      registers: [this.registry],
      collect() {
        this.set(notifications.listening);
      },
    });
  }

  observe(labels: { method: string; route: string; status: number }, seconds: number): void {
    this.durations.observe(labels, seconds);
  }

  async read(): Promise<string> {
    // A scrape during a failure of Postgres still shows the process.
    await Promise.all([
      this.countRuns().catch(() => this.showRuns({ runs: {}, ended: {} })),
      this.lookAtConnections().catch(() => this.showWaiting([])),
      this.countBreakers().catch(() => this.breakerMoves.reset()),
    ]);
    return this.registry.metrics();
  }

  private async countRuns(): Promise<void> {
    if (Date.now() - this.countedAt < COUNT_EVERY_MS) return;
    const counts = await countRunsOfAll(this.database);
    this.countedAt = Date.now();
    this.showRuns(counts);
  }

  private showRuns({ runs, ended }: Awaited<ReturnType<typeof countRunsOfAll>>): void {
    this.runs.reset();
    this.endedRuns.reset();
    for (const [status, count] of Object.entries(runs)) this.runs.set({ status }, count);
    for (const [status, count] of Object.entries(ended)) this.endedRuns.set({ status }, count);
  }

  private async lookAtConnections(): Promise<void> {
    const [queues, ends] = await Promise.all([queuesOfAll(this.database), endsOfAll(this.database)]);
    this.showWaiting(queues);
    this.credentialEnds.reset();
    for (const { id: connection, expiresAt } of ends)
      this.credentialEnds.set({ connection }, expiresAt.getTime() / 1_000);
  }

  /** Postgres counts, for all workers. */
  private async countBreakers(): Promise<void> {
    const moves = await breakerMovesOfAll(this.database);
    this.breakerMoves.reset();
    for (const { count, ...labels } of moves) this.breakerMoves.inc(labels, count);
  }

  /** A connection that nobody waits for any more is gone. */
  private showWaiting(queues: Awaited<ReturnType<typeof queuesOfAll>>): void {
    this.connectionQueues.reset();
    this.connectionWaits.reset();
    for (const { id: connection, waiting, oldestMs } of queues) {
      this.connectionQueues.set({ connection }, waiting);
      this.connectionWaits.set({ connection }, oldestMs / 1_000);
    }
  }
}
