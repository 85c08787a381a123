import { Injectable } from '@nestjs/common';
import type { Page } from '../../../contracts/lists.js';
import { type AcceptedRun, isTerminal, type Run, type RunSummary } from '../../../contracts/runs.js';
import type { Rerun } from '../../../contracts/rerun.js';
import type { AcceptableRun, StartBody } from '../../../contracts/start-run.js';
import { findBudget } from '../../../database/budget.repository.js';
import { Database, type Tx } from '../../../database/database.js';
import { kindOf } from '../../../database/load-bulk.js';
import { refuseOverQuota } from '../../../database/quotas.repository.js';
import { recordRun } from '../../../database/record-run.js';
import { copyApprovals } from '../../../database/copy-approvals.js';
import { copyJournal, listRuns, loadRun } from '../../../database/runs.repository.js';
import type { StartableRun } from '../../../database/start-run-workflow.js';
import { Engine } from '../common/engine.js';
import { knownId } from '../common/ids.js';
import { once } from '../common/idempotency.js';
import type { Caller } from '../common/request.js';
import { traceIdOf } from '../common/traceparent.js';
import { BulkService } from './bulk.service.js';
import { invalidField } from '../common/invalid-field.js';
import { checkNeeds } from './check-needs.js';
import { checkRun } from './check-run.js';
import { Settings } from '../env.js';
import { toAcceptable } from './workflow-start.js';
import { definitionNeeds } from './definition-needs.js';
import { definitionHash } from '../../../database/definition-hash.js';
import type { ListRuns } from './run-queries.js';
import { RunWaits } from './run-waits.js';
import { whatIsKept } from './what-is-kept.js';
import { linksOf } from './links.js';

/** Writes what belongs to a new run, in its transaction. */
type Along = (tx: Tx, runId: string) => Promise<void>;

interface Acceptance {
  start: AcceptableRun;
  parentRunId?: string;
  along?: Along;
  /** Copies results into the new run, which then reads them on its first attempt. */
  prepare?: (tx: Tx, runId: string) => Promise<void>;
}

@Injectable()
export class RunsService {
  constructor(
    private readonly database: Database,
    private readonly engine: Engine,
    private readonly waits: RunWaits,
    private readonly bulk: BulkService,
    private readonly settings: Settings,
  ) {}

  /** On record first, then started; the caller does not wait for the engine. */
  async start(caller: Caller, body: StartBody): Promise<AcceptedRun> {
    const start = await this.acceptable(caller, body);
    return (await this.acceptNew(caller, start)).accepted;
  }

  /** For clients of other protocols: a repeat is known by `request`, and `along` is done with the run that is new. */
  async startAlong(
    caller: Caller,
    body: StartBody,
    request: { route: string; body: unknown },
    along: Along,
  ): Promise<{ accepted: AcceptedRun; isNew: boolean }> {
    return this.acceptNew(caller, await this.acceptable(caller, body), request, along);
  }

  /** The run once it has ended, or what was accepted when it has not within `waitMs`. */
  async startAndWait(caller: Caller, body: StartBody, waitMs: number): Promise<Run | AcceptedRun> {
    const start = await this.acceptable(caller, body);
    const { accepted, isNew } = await this.acceptNew(caller, start);
    const { id } = accepted;
    const look = () =>
      this.database.inOrg(caller.orgId, async (tx) => {
        const run = await loadRun(tx, id);
        return isTerminal(run.status) ? run : undefined;
      });
    return (await this.waits.end(id, look, { withinMs: waitMs, isNew })) ?? accepted;
  }

  async rerun(caller: Caller, id: string, request: Rerun): Promise<AcceptedRun> {
    knownId(id, 'run.not_found');
    const kind = await this.database.inOrg(caller.orgId, (tx) => kindOf(tx, id));
    if (kind === 'bulk' || kind === 'shard') return this.bulk.rerun(caller, id, request);
    if (request.items !== undefined) throw invalidField('items', 'is for bulk runs');
    const rerun = { route: `POST /v1/runs/${id}/rerun`, body: request };
    const { accepted } = await this.accept(caller, rerun, async (tx) => {
      const parent = await loadRun(tx, id);
      const budget = await findBudget(tx, id);
      const { pattern, priority, labels, correlationId } = parent;
      const start = {
        pattern,
        with: parent.with,
        priority,
        labels,
        input: request.input === undefined ? parent.input : request.input,
        deadlineMs: Date.parse(parent.deadlineAt) - Date.parse(parent.acceptedAt),
        ...(correlationId === null ? {} : { correlationId }),
        ...(budget === null ? {} : { budget }),
      } as AcceptableRun;
      const isKept = await whatIsKept(tx, parent, start, request);
      if (!isKept) return { start, parentRunId: id };
      return {
        start,
        parentRunId: id,
        prepare: async (inner: Tx, runId: string) => {
          const copy = { fromRunId: id, toRunId: runId, keys: isKept };
          await copyJournal(inner, copy);
          await copyApprovals(inner, copy);
        },
      };
    });
    return accepted;
  }

  async get({ orgId }: Caller, id: string): Promise<Run> {
    knownId(id, 'run.not_found');
    return this.database.inOrg(orgId, (tx) => loadRun(tx, id));
  }

  async list({ orgId }: Caller, query: ListRuns): Promise<Page<RunSummary>> {
    return this.database.inOrg(orgId, (tx) => listRuns(tx, query));
  }

  private acceptable({ orgId }: Caller, body: StartBody): Promise<AcceptableRun> {
    return toAcceptable(body, (work) => this.database.inOrg(orgId, work), this.settings.allowedProcesses);
  }

  /** Fails `request.invalid` or `expression.invalid` for what no schema can say. */
  private acceptNew(
    caller: Caller,
    start: AcceptableRun,
    request: { route: string; body: unknown } = { route: 'POST /v1/runs', body: start },
    along?: Along,
  ): Promise<{ accepted: AcceptedRun; isNew: boolean }> {
    const needs = start.pattern === 'workflow' ? definitionNeeds(start.with.definition) : checkRun(start);
    return this.accept(caller, request, async (tx) => {
      await checkNeeds(tx, needs);
      return { start, ...(along && { along }) };
    });
  }

  private async accept(
    caller: Caller,
    request: { route: string; body: unknown },
    prepare: (tx: Tx) => Promise<Acceptance>,
  ): Promise<{ accepted: AcceptedRun; isNew: boolean }> {
    let run: StartableRun | undefined;
    const { body } = await once(this.database, caller, request, async (tx) => {
      const [acceptance] = await Promise.all([prepare(tx), refuseOverQuota(tx)]);
      run = await this.record(tx, caller, acceptance);
      const id = run.input.runId;
      return { status: 202, body: { id, status: 'accepted' as const, links: linksOf(id) } };
    });
    if (run) void this.engine.start(run); // What does not start here is started by the sweeper.
    return { accepted: body, isNew: run !== undefined };
  }

  private async record(
    tx: Tx,
    caller: Caller,
    { start, parentRunId, prepare, along }: Acceptance,
  ): Promise<StartableRun> {
    const { orgId, traceparent } = caller;
    const run = await recordRun(tx, {
      orgId,
      start,
      definitionHash: definitionHash(start),
      ...(parentRunId === undefined ? {} : { parentRunId }),
      ...(traceparent === undefined ? {} : { traceparent, traceId: traceIdOf(traceparent) }),
      ...(prepare ? { resumed: true } : {}),
    });
    await prepare?.(tx, run.input.runId);
    await along?.(tx, run.input.runId);
    return run;
  }
}
