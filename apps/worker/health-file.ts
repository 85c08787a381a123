import { rmSync, writeFileSync } from 'node:fs';

const RENEW_EVERY_MS = 1_000;

/**
 * A file for whoever watches the process from outside: it is there from the first task that the worker could take until it
 * stops, and a second old at most while the process does what it should. Outages of Temporal or Postgres leave it alone: a
 * restart helps against neither.
 */
export class HealthFile {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly path: string) {}

  /** Fails when the file cannot be written; starting again is harmless. */
  start(): void {
    this.renew();
    this.timer ??= setInterval(() => this.renew(), RENEW_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    rmSync(this.path, { force: true });
  }

  private renew(): void {
    writeFileSync(this.path, `${process.pid}\n`);
  }
}
