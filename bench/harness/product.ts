import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Pool } from 'undici';
import type { BulkItem } from '../../contracts/bulk.js';
import type { Page } from '../../contracts/lists.js';
import type { RegisterAgent } from '../../contracts/agents.js';
import type { RunEvent } from '../../contracts/events.js';
import type { AcceptedRun, Run } from '../../contracts/runs.js';
import type {
  CreateWebhookEndpointInput,
  CreateWebhookSourceInput,
  PublishEventInput,
  WorkflowDocument,
} from '../../sdk/client.js';
import type { CreatedWebhookSource } from '../../contracts/webhook-sources.js';
import type { InboundEvent } from '../../contracts/inbound-events.js';
import { everyItem } from '../../sdk/every-item.js';
import { until } from './clock.js';
import { freePorts } from './free-ports.js';

const execute = promisify(execFile);
const CLI = fileURLToPath(new URL('../../apps/cli/main.js', import.meta.url));
const UP_DEADLINE_MS = 120_000;
const CLIENT_CONNECTIONS = 1_024;
const EVENTS_A_PAGE = 200;
const ASK_AGAIN_MS = 250;
const RECOVERY_DEADLINE_MS = 60_000;
const WAITING_DEADLINE_MS = 120_000;

/** What `brikk status -o json` says. */
export interface ProductStatus {
  home: string;
  api: { url: string; pid: number };
  workers: { pid: number; queues: string[] }[];
  temporal: { address: string; pid: number; source: string; version: string };
  postgres: { url: string; pid: number };
  devKey: string;
}

export type NewAgent = Pick<RegisterAgent, 'name' | 'endpoint'> & { capability: string; maxConcurrency?: number };

/** The product as a user starts it: `brikk up --detach` on a new data folder, used through REST. */
export class Product {
  private readonly restartedAt = new Map<number, number>();

  private constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly home: string,
    private readonly pool: Pool,
    private current: ProductStatus,
  ) {}

  static async start({
    workers = 1,
    env: settings,
  }: { workers?: number; env?: Record<string, string> } = {}): Promise<Product> {
    const home = await mkdtemp(join(tmpdir(), 'brikk-bench-'));
    const [api, temporal, ui, postgres] = (await freePorts(4)).map(String);
    const env = {
      ...process.env,
      BRIKK_HOME: home,
      BRIKK_PORT: api,
      BRIKK_TEMPORAL_PORT: temporal,
      BRIKK_TEMPORAL_UI_PORT: ui,
      BRIKK_POSTGRES_PORT: postgres,
      BRIKK_RATE_LIMIT: '10000000',
      ...settings,
    };
    const up = [CLI, 'up', '--detach', '--no-samples', '--workers', String(workers)];
    try {
      await execute(process.execPath, up, { env, timeout: UP_DEADLINE_MS });
      const current = await readStatus(env);
      return new Product(env, home, new Pool(current.api.url, { connections: CLIENT_CONNECTIONS }), current);
    } catch (error) {
      await execute(process.execPath, [CLI, 'down'], { env }).catch(() => undefined); // The first failure is the one to tell.
      throw error;
    }
  }

  get status(): ProductStatus {
    return this.current;
  }

  /** Process ids change when the launcher restarts a part. */
  async refresh(): Promise<ProductStatus> {
    const before = pidsOf(this.current);
    this.current = await readStatus(this.env);
    for (const pid of pidsOf(this.current)) if (!before.includes(pid)) this.restartedAt.set(pid, performance.now());
    return this.current;
  }

  /** For how long a process has run since the launcher restarted it; without end when it never did. */
  ranMs(pid: number): number {
    return performance.now() - (this.restartedAt.get(pid) ?? -Infinity);
  }

  /** An endpoint that never expires. */
  async register({ name, endpoint, capability, maxConcurrency }: NewAgent): Promise<void> {
    const capabilities = [{ name: capability }];
    const agent = { name, version: '1.0.0', protocol: 'http', endpoint, capabilities, ttlSeconds: 0, maxConcurrency };
    await this.ask('POST', '/v1/agents', agent);
  }

  /** An endpoint whose lease lasts for half a minute. */
  registerLeased({ name, endpoint, capability }: NewAgent): Promise<{ id: string; instanceId: string }> {
    const agent = { name, version: '1.0.0', protocol: 'http', endpoint, capabilities: [{ name: capability }] };
    return this.ask('POST', '/v1/agents', { ...agent, ttlSeconds: 30 });
  }

  async heartbeat({ id, instanceId }: { id: string; instanceId: string }): Promise<void> {
    await this.ask('PUT', `/v1/agents/${id}/instances/${instanceId}/heartbeat`, { inFlight: 0, load: 0 });
  }

  /** `POST /v1/runs?wait=20s` to its answer; fails unless the run completed within that time. */
  async run(start: object): Promise<Run> {
    return checkCompleted(await this.ask<Run>('POST', '/v1/runs?wait=20s', start));
  }

  /** The run when it has ended, however long that takes; fails unless it completed. */
  async runToEnd(start: object): Promise<Run> {
    const { id } = await this.ask<AcceptedRun>('POST', '/v1/runs?wait=20s', start);
    for (;;) {
      const run = await this.find(id);
      if (run.finishedAt !== null) return checkCompleted(run);
      await delay(ASK_AGAIN_MS);
    }
  }

  accept(start: object): Promise<AcceptedRun> {
    return this.ask('POST', '/v1/runs', start);
  }

  acceptBulk(start: object): Promise<AcceptedRun> {
    return this.ask('POST', '/v1/runs/bulk', start);
  }

  /** All items of a bulk run, in order. */
  async items(runId: string): Promise<BulkItem[]> {
    const list = ({ limit, cursor = '' }: { limit: number; cursor?: string }) =>
      this.ask<Page<BulkItem>>('GET', `/v1/runs/${runId}/items?limit=${limit}${cursor && `&cursor=${cursor}`}`);
    const all: BulkItem[] = [];
    for await (const item of everyItem(list)) all.push(item);
    return all;
  }

  /** Once the product has taken it. */
  async signal(runId: string, name: string, data: object): Promise<void> {
    await this.ask('POST', `/v1/runs/${runId}/signals/${name}`, data);
  }

  /** When nothing can happen in the run but what comes from outside. */
  async untilWaiting(runId: string): Promise<void> {
    await until(`run ${runId} waits`, WAITING_DEADLINE_MS, async () => (await this.find(runId)).status === 'waiting');
  }

  async createEndpoint(endpoint: CreateWebhookEndpointInput): Promise<void> {
    await this.ask('POST', '/v1/webhook-endpoints', endpoint);
  }

  createSource(source: CreateWebhookSourceInput): Promise<CreatedWebhookSource> {
    return this.ask('POST', '/v1/webhook-sources', source);
  }

  async publishWorkflow(document: WorkflowDocument): Promise<void> {
    await this.ask('POST', '/v1/workflows', document);
  }

  /** As a provider does it; gives the status of the answer. */
  async deliver(path: string, body: string, headers: Record<string, string>): Promise<number> {
    const answer = await this.pool.request({ method: 'POST', path, headers, body });
    await answer.body.dump();
    return answer.statusCode;
  }

  /** Whether nothing that came from outside waits any more. */
  async isAllRouted(): Promise<boolean> {
    const { items } = await this.ask<Page<InboundEvent>>('GET', '/v1/inbound-events?status=received&limit=1');
    return items.length === 0;
  }

  /** Up to 100, again and again while the API is away; events with ids are the same ones then. */
  async publishUntilAccepted(events: PublishEventInput[]): Promise<void> {
    await until('events are accepted', RECOVERY_DEADLINE_MS, () =>
      this.ask('POST', '/v1/events/batch', events).then(
        () => true,
        () => false,
      ),
    );
  }

  /** kill -9; the launcher starts it again. */
  async kill(victim: 'api' | 'worker'): Promise<void> {
    await until(`there is a process of ${victim}`, RECOVERY_DEADLINE_MS, async () => {
      const { api, workers } = await this.refresh();
      try {
        return (victim === 'api' ? [api] : workers).every(({ pid }) => process.kill(pid, 'SIGKILL'));
      } catch {
        return false; // The launcher is about to start the next one.
      }
    });
  }

  find(runId: string): Promise<Run> {
    return this.ask('GET', `/v1/runs/${runId}`);
  }

  async events(runId: string): Promise<RunEvent[]> {
    const all: RunEvent[] = [];
    for (;;) {
      const path = `/v1/runs/${runId}/events?limit=${EVENTS_A_PAGE}&after=${all.length}`;
      const { items } = await this.ask<{ items: RunEvent[] }>('GET', path);
      all.push(...items);
      if (items.length < EVENTS_A_PAGE) return all;
    }
  }

  async stop(): Promise<void> {
    await this.pool.destroy();
    await execute(process.execPath, [CLI, 'down'], { env: this.env });
    await rm(this.home, { recursive: true, force: true });
  }

  async ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
    const { statusCode, body: answer } = await this.pool.request({
      method,
      path,
      headers: {
        authorization: `Bearer ${this.current.devKey}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`${method} ${path} answered ${statusCode}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

function checkCompleted(run: Run): Run {
  if (run.status !== 'completed') throw new Error(`run ${run.id} is ${run.status}: ${JSON.stringify(run.error)}`);
  return run;
}

const pidsOf = ({ workers, temporal }: ProductStatus): number[] => [temporal.pid, ...workers.map(({ pid }) => pid)];

async function readStatus(env: NodeJS.ProcessEnv): Promise<ProductStatus> {
  const { stdout } = await execute(process.execPath, [CLI, 'status', '-o', 'json'], { env });
  return JSON.parse(stdout) as ProductStatus;
}
