import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { type Json, nameSchema } from '../../../contracts/json.js';
import type { AcceptedRun } from '../../../contracts/runs.js';
import { Database } from '../../../database/database.js';
import { requestSteering, settleSteering } from '../../../database/steering.repository.js';
import { Engine, type Steering } from '../common/engine.js';
import { knownId } from '../common/ids.js';
import type { Caller } from '../common/request.js';
import { linksOf } from './links.js';

/** What a person asks of a run is on record before it is answered; whoever reaches the workflow first delivers it. */
@Injectable()
export class SteeringService {
  constructor(
    private readonly database: Database,
    private readonly engine: Engine,
  ) {}

  async signal(caller: Caller, id: string, name: string, data: Json): Promise<AcceptedRun> {
    if (!nameSchema.safeParse(name).success)
      throw new BrikkError('request.invalid', 'The signal has no usable name', {
        violations: [{ path: 'name', message: 'must be 1 to 128 characters of A-Z a-z 0-9 . _ -' }],
      });
    return this.steer(caller, id, { kind: 'signal', signal: { name, data } });
  }

  async steer({ orgId }: Caller, id: string, steering: Steering): Promise<AcceptedRun> {
    knownId(id, 'run.not_found');
    const signal = steering.kind === 'signal' ? steering.signal : undefined;
    const { status, request } = await this.database.inOrg(orgId, (tx) =>
      requestSteering(tx, id, steering.kind, signal),
    );
    if (request) void this.deliver(orgId, id, steering, request.id);
    return { id, status, links: linksOf(id) };
  }

  /** Never fails: what is not delivered here stays on record for the sweeper. */
  private async deliver(orgId: string, runId: string, steering: Steering, requestId: string): Promise<void> {
    if (!(await this.engine.steer({ orgId, runId }, steering))) return;
    await this.database.inOrg(orgId, (tx) => settleSteering(tx, runId, [requestId])).catch(() => undefined);
  }
}
