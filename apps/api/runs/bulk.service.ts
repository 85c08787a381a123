import { Injectable } from '@nestjs/common';
import { type AcceptedBulk, type BulkItem, type BulkItemDetail, type ListItems } from '../../../contracts/bulk.js';
import { BrikkError } from '../../../contracts/errors.js';
import type { Page } from '../../../contracts/lists.js';
import type { Rerun } from '../../../contracts/rerun.js';
import type { AcceptedRun } from '../../../contracts/runs.js';
import type { AcceptableBulk, StartBulkBody } from '../../../contracts/start-bulk.js';
import { acceptBulk } from '../../../database/bulk.repository.js';
import { toBulkCounts } from '../../../database/bulk-counts.js';
import { Database, type Tx } from '../../../database/database.js';
import { listItems, loadItem } from '../../../database/load-bulk.js';
import { refuseOverQuota } from '../../../database/quotas.repository.js';
import { bulkToRerun } from '../../../database/rerun-bulk.js';
import type { StartableRun } from '../../../database/start-run-workflow.js';
import { uuidv7 } from '../../../database/uuid.js';
import { Engine } from '../common/engine.js';
import { invalidField } from '../common/invalid-field.js';
import { once } from '../common/idempotency.js';
import { knownId } from '../common/ids.js';
import type { Caller } from '../common/request.js';
import { traceIdOf } from '../common/traceparent.js';
import { checkNeeds } from './check-needs.js';
import { checkBulk } from './check-bulk.js';
import { definitionHash } from '../../../database/definition-hash.js';
import { Settings } from '../env.js';
import { linksOf } from './links.js';
import { toWorkflow } from './workflow-start.js';

@Injectable()
export class BulkService {
  constructor(
    private readonly database: Database,
    private readonly engine: Engine,
    private readonly settings: Settings,
  ) {}

  /** All items on record first, then started; a definition is pinned once for all. Fails before anything is. */
  async start(caller: Caller, body: StartBulkBody): Promise<AcceptedBulk> {
    const start = await this.acceptable(caller, body);
    const needs = checkBulk(start);
    return this.accept(caller, { route: 'POST /v1/runs/bulk', body: start }, async (tx) => {
      await checkNeeds(tx, needs);
      return { start };
    });
  }

  /** A bulk run of all items, or of those that did not complete. */
  async rerun(caller: Caller, id: string, rerun: Rerun): Promise<AcceptedRun> {
    if (rerun.fromStep !== undefined) throw invalidField('fromStep', 'is not for bulk runs');
    if (rerun.input !== undefined) throw invalidField('input', 'is not for bulk runs: their items keep their inputs');
    const request = { route: `POST /v1/runs/${id}/rerun`, body: rerun };
    const { bulk: _counts, ...accepted } = await this.accept(caller, request, async (tx) => ({
      start: await bulkToRerun(tx, id, rerun.items ?? 'all'),
      parentRunId: id,
    }));
    return accepted;
  }

  private async acceptable({ orgId }: Caller, body: StartBulkBody): Promise<AcceptableBulk> {
    if ('pattern' in body) return body;
    const { inputs, maxConcurrency, ...each } = body;
    const { input: _none, ...start } = await toWorkflow(
      { ...each, input: null },
      (work) => this.database.inOrg(orgId, work),
      this.settings.allowedProcesses,
    );
    return { ...start, inputs, maxConcurrency };
  }

  private async accept(
    caller: Caller,
    request: { route: string; body: unknown },
    prepare: (tx: Tx) => Promise<{ start: AcceptableBulk; parentRunId?: string }>,
  ): Promise<AcceptedBulk> {
    let run: StartableRun | undefined;
    const { body } = await once(this.database, caller, request, async (tx) => {
      const [{ start, parentRunId }] = await Promise.all([prepare(tx), refuseOverQuota(tx)]);
      const id = uuidv7();
      const { orgId, traceparent } = caller;
      run = await acceptBulk(tx, {
        id,
        orgId,
        start,
        ...(parentRunId === undefined ? {} : { parentRunId }),
        definitionHash: definitionHash(start),
        deadlineAt: Date.now() + start.deadlineMs,
        ...(traceparent === undefined ? {} : { traceparent, traceId: traceIdOf(traceparent) }),
      });
      const bulk = toBulkCounts({ accepted: start.inputs.length });
      return { status: 202, body: { id, status: 'accepted' as const, bulk, links: linksOf(id) } };
    });
    if (run) void this.engine.start(run); // What does not start here is started by the sweeper.
    return body;
  }

  async list({ orgId }: Caller, id: string, query: ListItems): Promise<Page<BulkItem>> {
    knownId(id, 'run.not_found');
    return this.database.inOrg(orgId, (tx) => listItems(tx, id, query));
  }

  async get({ orgId }: Caller, id: string, index: string): Promise<BulkItemDetail> {
    knownId(id, 'run.not_found');
    if (!/^\d{1,5}$/.test(index)) throw new BrikkError('run.item_not_found', 'Items are numbered from 0');
    return this.database.inOrg(orgId, (tx) => loadItem(tx, id, Number(index)));
  }
}
