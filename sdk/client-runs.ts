import type { Rerun } from '../contracts/rerun.js';
import type { AcceptedBulk, BulkItem, BulkItemDetail } from '../contracts/bulk.js';
import type { RunEvent } from '../contracts/events.js';
import type { FailedCall } from '../contracts/failed-calls.js';
import type { Feedback, GiveFeedback } from '../contracts/feedback.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import { isTerminal } from '../contracts/run-status.js';
import type { AcceptedRun, ItemStatus, Run, RunStatus, RunSummary } from '../contracts/runs.js';
import { everyItem } from './every-item.js';
import { BrikkApiError } from './api-error.js';
import type { ApiTransport } from './http.js';
import { type FollowOptions, followRun } from './run-events.js';
import type { StartBulkInput, StartRunInput } from './run-input.js';

/** Which page of a list: up to `limit` items (1 to 200, 50 unless said), behind the `nextCursor` of the page before. */
export interface PageOptions {
  limit?: number;
  cursor?: string;
}
/** Which runs are wanted; all that is said must hold. */
export interface ListRuns extends PageOptions {
  status?: RunStatus;
  /** Id of the run whose shards and reruns are wanted. */
  parent?: string;
  pattern?: string;
  /** namespace/name:version, or namespace/name for every version. */
  workflow?: string;
  agent?: string;
  /** `key=value`, or a key alone. */
  label?: string;
  /** RFC 3339. */
  since?: string;
  until?: string;
}
/** Which failed calls are wanted; all that is said must hold. */
export interface ListFailedCalls extends PageOptions {
  /** What was asked for. */
  capability?: string;
  /** Name or id of the agent that was asked last. */
  agent?: string;
  /** Of the run; `workflow` for those that follow a definition. */
  pattern?: string;
  /** Id of a run. */
  run?: string;
  /** RFC 3339: failed then or later. */
  since?: string;
}
/** Of whatever is created: a key for repeats, and a way to stop waiting. */
export interface CreateOptions {
  /** Repeating a creation with the same key and body gives the first answer again. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** Which items of a bulk run are wanted. */
export interface ListItems extends PageOptions {
  status?: ItemStatus;
}

const WAIT_S = 20;
/** Tens of megabytes take their time. */
const BULK_TIMEOUT_MS = 120_000;
const runPath = (id: string) => `/v1/runs/${encodeURIComponent(id)}`;

/** Starting, watching and steering runs. Everything fails with BrikkApiError. */
export class RunsClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /**
   * Resolves once the run is on record, before it begins. Fails `request.invalid` with each broken rule in
   * `violations`.
   */
  start(run: StartRunInput, options: CreateOptions = {}): Promise<AcceptedRun> {
    return this.transport.json('POST', '/v1/runs', { body: run, ...options });
  }

  /** Starts a run and gives it back once it has ended, however it ended. */
  async startAndWait(run: StartRunInput, options: CreateOptions & { patienceMs?: number } = {}): Promise<Run> {
    const { patienceMs, ...create } = options;
    const waitS = Math.min(WAIT_S, Math.max(1, Math.floor((patienceMs ?? Infinity) / 1_000)));
    const answer = await this.transport.json<AcceptedRun | Run>('POST', '/v1/runs', {
      body: run,
      query: { wait: `${waitS}s` },
      timeoutMs: 60_000,
      ...create,
    });
    if ('output' in answer && isTerminal(answer.status)) return answer;
    return this.wait(answer.id, { patienceMs, signal: options.signal });
  }

  /** One pattern or workflow for each of up to 10,000 inputs. All of them are on record when it resolves, or none is. */
  bulk(bulk: StartBulkInput, options: CreateOptions = {}): Promise<AcceptedBulk> {
    return this.transport.json('POST', '/v1/runs/bulk', { body: bulk, timeoutMs: BULK_TIMEOUT_MS, ...options });
  }

  /** Items of a bulk run in the order of its inputs, also while it runs. */
  items(id: string, filters: ListItems = {}): Promise<Page<BulkItem>> {
    return this.transport.json('GET', `${runPath(id)}/items`, { query: { ...filters } });
  }

  /** All of them, a page at a time. */
  allItems(id: string, { status }: { status?: ItemStatus } = {}): AsyncGenerator<BulkItem> {
    return everyItem((page) => this.items(id, { status, ...page }));
  }

  /** One item with its input, its whole output and the calls that made it. */
  item(id: string, index: number): Promise<BulkItemDetail> {
    return this.transport.json('GET', `${runPath(id)}/items/${index}`);
  }

  /** The run as it stands, with its output once it has ended. Fails `run.not_found`. */
  get(id: string, { signal }: { signal?: AbortSignal } = {}): Promise<Run> {
    return this.transport.json('GET', runPath(id), { signal });
  }

  /** The newest first. */
  list(filters: ListRuns = {}): Promise<Page<RunSummary>> {
    return this.transport.json('GET', '/v1/runs', { query: { ...filters } });
  }

  /**
   * Calls that failed for good, over all runs, the newest first. `replay` says what makes each again: of a run
   * `rerun(runId, { calls: 'failed', reason })`, of a bulk run `items: 'failed'`; null until the run has ended.
   */
  failedCalls(filters: ListFailedCalls = {}): Promise<Page<FailedCall>> {
    return this.transport.json('GET', '/v1/failed-calls', { query: { ...filters } });
  }

  /** The run once it has ended; fails with `client.timeout` when `patienceMs` (default: none) is over before. */
  async wait(id: string, { patienceMs, signal }: { patienceMs?: number; signal?: AbortSignal } = {}): Promise<Run> {
    const patience = patienceMs === undefined ? undefined : AbortSignal.timeout(patienceMs);
    const signals = [signal, patience].filter((one) => one !== undefined);
    const either = signals.length > 0 ? AbortSignal.any(signals) : undefined;
    try {
      for await (const event of this.events(id, { signal: either })) if (event.type === 'run.finished') break;
    } catch (error) {
      if (!patience?.aborted || signal?.aborted) throw error;
      throw new BrikkApiError(
        { status: 0, code: 'client.timeout', detail: `run ${id} has not ended in ${patienceMs} ms` },
        { cause: error },
      );
    }
    return this.get(id, { signal });
  }

  /** Events in order, live until `run.finished`; reconnects by itself. */
  events(id: string, options: FollowOptions = {}): AsyncGenerator<RunEvent> {
    return followRun(this.transport, id, options);
  }

  /** What has happened so far, a page at a time; `after` is the position of the last one known. */
  listEvents(id: string, { after, limit }: { after?: number; limit?: number } = {}): Promise<{ items: RunEvent[] }> {
    return this.transport.json('GET', `${runPath(id)}/events`, { query: { after, limit } });
  }

  /**
   * Calls in flight are given up and compensations run, then it ends `canceled`. Fails `run.finished` once it has
   * ended.
   */
  async cancel(id: string): Promise<void> {
    await this.transport.json('POST', `${runPath(id)}/cancel`);
  }

  /** No new calls; those in flight finish, and time limits go on. Fails `run.finished` once it has ended. */
  async pause(id: string): Promise<void> {
    await this.transport.json('POST', `${runPath(id)}/pause`);
  }

  /** Goes on where it was paused. Fails `run.finished` once it has ended. */
  async resume(id: string): Promise<void> {
    await this.transport.json('POST', `${runPath(id)}/resume`);
  }

  /** A new run with this one as parent; with `fromStep`, earlier results are kept. */
  rerun(id: string, rerun: Rerun, options: CreateOptions = {}): Promise<AcceptedRun> {
    return this.transport.json('POST', `${runPath(id)}/rerun`, { body: rerun, ...options });
  }

  /** How good the run was, or one of its calls; the last word of this key stands. */
  feedback(id: string, feedback: GiveFeedback, options: CreateOptions = {}): Promise<Feedback> {
    return this.transport.json('POST', `${runPath(id)}/feedback`, { body: feedback, ...options });
  }

  /** Not repeated when the connection breaks: it may have arrived. */
  async signal(id: string, name: string, data: Json = null): Promise<void> {
    const path = `${runPath(id)}/signals/${encodeURIComponent(name)}`;
    await this.transport.json('POST', path, { body: data, repeatable: false });
  }
}
