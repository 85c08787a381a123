import { Injectable } from '@nestjs/common';
import type { PageQuery } from '../../../contracts/lists.js';
import type { AcceptedRun } from '../../../contracts/runs.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import {
  findSchedule,
  listSchedules,
  pauseSchedule,
  type ScheduleName,
  triggerSchedule,
} from '../../../database/schedules.repository.js';
import type { StartableRun } from '../../../database/start-run-workflow.js';
import { actorOf } from '../common/actor.js';
import { Engine } from '../common/engine.js';
import { once } from '../common/idempotency.js';
import type { Caller } from '../common/request.js';
import { linksOf } from '../runs/links.js';

@Injectable()
export class SchedulesService {
  constructor(
    private readonly database: Database,
    private readonly engine: Engine,
  ) {}

  async list({ orgId }: Caller, query: PageQuery) {
    return this.database.inOrg(orgId, (tx) => listSchedules(tx, query));
  }

  async get({ orgId }: Caller, at: ScheduleName) {
    return this.database.inOrg(orgId, (tx) => findSchedule(tx, at));
  }

  async pause(caller: Caller, at: ScheduleName, paused: boolean) {
    return this.database.inOrg(caller.orgId, async (tx) => {
      const before = await findSchedule(tx, at);
      const schedule = await pauseSchedule(tx, at, paused);
      const action = paused ? 'schedule.paused' : 'schedule.resumed';
      if (before.state !== schedule.state)
        await audit(tx, { ...actorOf(caller), action, target: nameOf(at), outcome: 'ok', changedFields: ['state'] });
      return schedule;
    });
  }

  /** On record first, then started; the caller does not wait for the engine. */
  async trigger(caller: Caller, at: ScheduleName): Promise<AcceptedRun> {
    let run: StartableRun | undefined;
    const request = { route: `POST /v1/schedules/${nameOf(at)}/trigger`, body: null };
    const { body } = await once(this.database, caller, request, async (tx) => {
      run = await triggerSchedule(tx, at);
      await audit(tx, { ...actorOf(caller), action: 'schedule.triggered', target: nameOf(at), outcome: 'ok' });
      const id = run.input.runId;
      return { status: 202, body: { id, status: 'accepted' as const, links: linksOf(id) } };
    });
    if (run) void this.engine.start(run); // What does not start here is started by the sweeper.
    return body;
  }
}

const nameOf = ({ namespace, name }: ScheduleName): string => `${namespace}/${name}`;
