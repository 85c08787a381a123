import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { type Json, nameSchema } from '../../../contracts/json.js';
import type { AcceptedRun } from '../../../contracts/runs.js';
import type { RunRef } from '../../../contracts/values.js';
import { Database } from '../../../database/database.js';
import { findSteering, requestSteering, settleSteering } from '../../../database/steering.repository.js';
import type { SteeringKind } from '../../../database/steering-request.js';
import { Engine, type Steering } from '../common/engine.js';
import { knownId } from '../common/ids.js';
import type { Caller } from '../common/request.js';
import { linksOf } from './links.js';

/** Whoever asks is answered when the workflow has heard it, so that a pause holds what ends later; then anyway. */
const PATIENCE_MS = 2_000;

/** What a person asks of a run is on record before it is answered; whoever reaches the workflow first delivers it. */
@Injectable()
export class SteeringService {
  private readonly deliveries = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly engine: Engine,
  ) {}

  async signal(caller: Caller, id: string, name: string, data: Json): Promise<AcceptedRun> {
    if (!nameSchema.safeParse(name).success)
      throw new BrikkError('request.invalid', 'The signal has no usable name', {
        violations: [{ path: 'name', message: 'must be 1 to 128 characters of A-Z a-z 0-9 . _ -' }],
      });
    return this.steer(caller, id, { kind: 'signal', name, data });
  }

  async steer(
    { orgId }: Caller,
    id: string,
    steering: Extract<Steering, { kind: SteeringKind }>,
  ): Promise<AcceptedRun> {
    knownId(id, 'run.not_found');
    const signal = steering.kind === 'signal' ? { name: steering.name, data: steering.data } : undefined;
    const { status, request } = await this.database.inOrg(orgId, (tx) =>
      requestSteering(tx, id, steering.kind, signal),
    );
    if (request)
      await Promise.race([this.deliver({ orgId, runId: id }), sleep(PATIENCE_MS, undefined, { ref: false })]);
    return { id, status, links: linksOf(id) };
  }

  /** What is on record for a run. One delivery at a time, so that the workflow hears things in the order they were asked. */
  deliver(run: RunRef): Promise<void> {
    const { runId } = run;
    const delivery = (this.deliveries.get(runId) ?? Promise.resolve())
      .then(() => this.deliverPending(run))
      .catch(() => undefined) // What is not delivered here stays on record for the sweeper.
      .finally(() => {
        if (this.deliveries.get(runId) === delivery) this.deliveries.delete(runId);
      });
    this.deliveries.set(runId, delivery);
    return delivery;
  }

  /** Also what an earlier delivery did not bring over: a late pause must not follow the resume. */
  private async deliverPending(run: RunRef): Promise<void> {
    const { orgId, runId } = run;
    const delivered: string[] = [];
    for (const request of await this.database.inOrg(orgId, (tx) => findSteering(tx, runId))) {
      if (!(await this.engine.steer(run, request))) break;
      delivered.push(request.id);
    }
    if (delivered.length > 0) await this.database.inOrg(orgId, (tx) => settleSteering(tx, runId, delivered));
  }
}
