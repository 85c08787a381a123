import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import type { Page } from '../../../contracts/lists.js';
import type { PatternName } from '../../../contracts/patterns.js';
import { CLAIM_CHECK_BYTES } from '../../../contracts/run-workflow.js';
import {
  type AcceptedRun,
  isTerminal,
  type Rerun,
  type Run,
  type RunSummary,
  type StartRun,
} from '../../../contracts/runs.js';
import { Database, type Tx } from '../../../database/database.js';
import { storePayload } from '../../../database/payloads.repository.js';
import { acceptRun, copyJournal, findRun, findRunInput, listRuns, loadRun } from '../../../database/runs.repository.js';
import type { StartableRun } from '../../../database/start-run-workflow.js';
import { uuidv7 } from '../../../database/uuid.js';
import { Engine } from '../common/engine.js';
import { knownId } from '../common/ids.js';
import { once } from '../common/idempotency.js';
import type { Caller } from '../common/request.js';
import { traceIdOf } from '../common/traceparent.js';
import { checkRun } from './check-run.js';
import { definitionHash } from './definition-hash.js';
import type { ListRuns } from './run-queries.js';
import { RunWaits } from './run-waits.js';
import { keptKeys } from './kept-keys.js';
import { linksOf } from './links.js';

interface Acceptance {
  start: StartRun;
  parentRunId?: string;
  /** Copies results into the new run, which then reads them on its first attempt. */
  prepare?: (tx: Tx, runId: string) => Promise<void>;
}

@Injectable()
export class RunsService {
  constructor(
    private readonly database: Database,
    private readonly engine: Engine,
    private readonly waits: RunWaits,
  ) {}

  /** On record first, then started; the caller does not wait for the engine. */
  async start(caller: Caller, start: StartRun): Promise<AcceptedRun> {
    checkRun(start);
    return this.accept(caller, { route: 'POST /v1/runs', body: start }, async () => ({ start }));
  }

  async rerun(caller: Caller, id: string, request: Rerun): Promise<AcceptedRun> {
    knownId(id, 'run.not_found');
    return this.accept(caller, { route: `POST /v1/runs/${id}/rerun`, body: request }, async (tx) => {
      const parent = await loadRun(tx, id);
      const { pattern, priority, labels, correlationId } = parent;
      const start = {
        pattern,
        with: parent.with,
        priority,
        labels,
        input: request.input === undefined ? parent.input : request.input,
        deadlineMs: Date.parse(parent.deadlineAt) - Date.parse(parent.acceptedAt),
        ...(correlationId === null ? {} : { correlationId }),
      } as StartRun;
      if (request.fromStep === undefined) return { start, parentRunId: id };
      const isKept = keptKeys(start, request.fromStep);
      return {
        start,
        parentRunId: id,
        prepare: async (inner: Tx, runId: string) =>
          void (await copyJournal(inner, { fromRunId: id, toRunId: runId, keys: isKept })),
      };
    });
  }

  async get({ orgId }: Caller, id: string): Promise<Run> {
    knownId(id, 'run.not_found');
    return this.database.inOrg(orgId, (tx) => loadRun(tx, id));
  }

  async list({ orgId }: Caller, query: ListRuns): Promise<Page<RunSummary>> {
    return this.database.inOrg(orgId, (tx) => listRuns(tx, query));
  }

  /** The run once it has ended; undefined when it has not within `waitMs`. */
  async finished(caller: Caller, id: string, waitMs: number): Promise<Run | undefined> {
    const hasEnded = async () => {
      const row = await this.database.inOrg(caller.orgId, (tx) => findRun(tx, id));
      if (!row) throw new BrikkError('run.not_found', 'No such run');
      return isTerminal(row.status);
    };
    return (await this.waits.until(id, hasEnded, waitMs)) ? this.get(caller, id) : undefined;
  }

  private async accept(
    caller: Caller,
    request: { route: string; body: unknown },
    prepare: (tx: Tx) => Promise<Acceptance>,
  ): Promise<AcceptedRun> {
    let pattern: PatternName | undefined;
    const { body, replayed } = await once(this.database, caller, request, async (tx) => {
      const acceptance = await prepare(tx);
      pattern = acceptance.start.pattern;
      return { status: 202, body: await this.record(tx, caller, acceptance) };
    });
    if (!replayed) void this.startWorkflow(caller.orgId, body.id, pattern);
    return body;
  }

  private async record(tx: Tx, caller: Caller, { start, parentRunId, prepare }: Acceptance): Promise<AcceptedRun> {
    const id = uuidv7();
    const large = Buffer.byteLength(JSON.stringify(start.input)) > CLAIM_CHECK_BYTES;
    const inputRef = large ? (await storePayload(tx, id, start.input)).ref : undefined;
    const { orgId, traceparent } = caller;
    await acceptRun(tx, {
      id,
      orgId,
      start,
      definitionHash: definitionHash(start),
      deadlineAt: new Date(Date.now() + start.deadlineMs),
      ...(inputRef === undefined ? {} : { inputRef }),
      ...(parentRunId === undefined ? {} : { parentRunId }),
      ...(traceparent === undefined ? {} : { traceparent, traceId: traceIdOf(traceparent) }),
      ...(prepare ? { resumed: true } : {}),
    });
    await prepare?.(tx, id);
    return { id, status: 'accepted', links: linksOf(id) };
  }

  /** Never fails: what does not start here is started by the sweeper. */
  private async startWorkflow(orgId: string, runId: string, pattern: PatternName | undefined): Promise<void> {
    const input = await this.database.inOrg(orgId, (tx) => findRunInput(tx, runId)).catch(() => undefined);
    if (input) await this.engine.start({ pattern, input } as StartableRun);
  }
}
