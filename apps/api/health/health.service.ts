import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { Database } from '../../../database/database.js';
import { Engine } from '../common/engine.js';
import { Draining } from './draining.js';

const PROBE_DEADLINE_MS = 1_000;

@Injectable()
export class HealthService {
  constructor(
    private readonly database: Database,
    private readonly engine: Engine,
    private readonly draining: Draining,
  ) {}

  /** Fails `dependency.unavailable` without Postgres, and when the API is about to stop. */
  async ready() {
    if (this.draining.hasBegun)
      throw new BrikkError('dependency.unavailable', 'This API is stopping: send requests to another one');
    const [temporal] = await Promise.all([this.probeEngine(), this.database.ping()]);
    const status = temporal === 'up' ? 'ready' : 'degraded';
    return { status, parts: { postgres: 'up', temporal } };
  }

  private async probeEngine(): Promise<'up' | 'down'> {
    const { connection, options } = this.engine.client;
    const ask = () => connection.workflowService.describeNamespace({ namespace: options.namespace });
    return this.engine.within(ask, PROBE_DEADLINE_MS).then(
      () => 'up' as const,
      () => 'down' as const,
    );
  }
}
