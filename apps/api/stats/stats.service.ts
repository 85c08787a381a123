import { Injectable } from '@nestjs/common';
import { CORE_QUEUE } from '../../../contracts/run-workflow.js';
import { Database } from '../../../database/database.js';
import { countByState } from '../../../database/stats.repository.js';
import { Engine } from '../common/engine.js';
import type { Caller } from '../common/request.js';

const DEADLINE_MS = 1_000;
const ACTIVITIES = 2; // temporal.api.enums.v1.TaskQueueType

@Injectable()
export class StatsService {
  constructor(
    private readonly database: Database,
    private readonly engine: Engine,
  ) {}

  async read({ orgId }: Caller) {
    const [counted, queues] = await Promise.all([
      this.database.inOrg(orgId, countByState),
      this.queue().then(
        (queue) => [queue],
        () => null,
      ),
    ]);
    return { ...counted, queues };
  }

  private async queue() {
    const { connection, options } = this.engine.client;
    const taskQueue = { name: CORE_QUEUE };
    const request = { namespace: options.namespace, taskQueue, taskQueueType: ACTIVITIES, reportStats: true };
    const answer = await this.engine.within(() => connection.workflowService.describeTaskQueue(request), DEADLINE_MS);
    const workers = (answer.pollers ?? []).map(({ identity, lastAccessTime }) => ({
      identity: identity ?? '',
      lastSeenAt: lastAccessTime?.seconds ? new Date(Number(lastAccessTime.seconds) * 1_000).toISOString() : null,
    }));
    return { name: CORE_QUEUE, backlog: Number(answer.stats?.approximateBacklogCount ?? 0), workers };
  }
}
