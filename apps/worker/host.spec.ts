import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { findTemporal } from '../cli/up/find-temporal.js';
import { startTemporal } from '../cli/up/temporal.js';
import { PATTERN_PARAMS } from '../../contracts/patterns.js';
import type { RunInput } from '../../contracts/run-workflow.js';
import { startRunWorkflow } from '../../database/start-run-workflow.js';
import { freePort } from '../../test/support/free-port.js';
import { ScriptedAgents } from '../../test/support/scripted-agents.js';
import { until } from '../../test/support/until.js';
import type { WorkerEnv } from './env.js';
import { WorkerHost } from './host.js';

/** On an engine of its own, since the queue of the product is one for all. */
describe('the host of the workers', () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  const started: { host: WorkerHost; ended: Promise<void> }[] = [];
  let address: string;
  let launch: () => Promise<unknown>;
  let end = () => Promise.resolve();
  let connection: Connection | undefined;
  let client: Client;

  beforeAll(async () => {
    const known = Runtime as unknown as { _instance?: unknown };
    if (!known._instance) Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    const folder = await mkdtemp(path.join(tmpdir(), 'brikk-host-'));
    const port = await freePort();
    address = `127.0.0.1:${port}`;
    const { path: binary } = await findTemporal(() => undefined);
    launch = async () => {
      const dbFile = path.join(folder, 'temporal.db');
      const server = await startTemporal({ binary, dbFile, port, headless: true, ephemeral: true });
      end = async () => {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      };
      connection = await Connection.connect({ address });
      client = new Client({ connection, namespace: 'brikk' });
    };
  }, 30_000);
  afterAll(async () => {
    for (const { host, ended } of started) {
      host.stop();
      await ended;
    }
    await connection?.close();
    await end();
  }, 30_000);

  /** A host whose agents answer by the script; `running` resolves with its queues. */
  function host(agents: ScriptedAgents, agentQueue?: string) {
    const activities = agents.activities();
    let begin: (queues: string[]) => void = () => undefined;
    const running = new Promise<string[]>((resolve) => (begin = resolve));
    const env: WorkerEnv = {
      databaseAppUrl: '',
      databaseDispatchUrl: '',
      temporal: { namespace: 'brikk', connection: { address } },
      agentNetworks: [],
      httpHostOverrides: {},
      allowedProcesses: [],
      slots: 100,
      maxCachedWorkflows: 10,
      shutdownGraceMs: 10_000,
      estimate: { tokens: 1, costUsd: 1 },
      keepEventsMs: 86_400_000,
      logLevel: 'info',
      ...(agentQueue !== undefined && { agentQueue }),
    };
    const sinks = { agents: { expect: () => undefined } };
    const made = new WorkerHost({
      env,
      agentActivities: activities,
      runActivities: activities,
      sinks,
      activityInterceptor: () => ({}),
      log,
      onRunning: begin,
    });
    const ended = made.run();
    started.push({ host: made, ended });
    return { host: made, ended, running };
  }

  async function start(agentQueue?: string): Promise<{ status: Promise<unknown> }> {
    const input: RunInput<'agent'> = {
      orgId: 'org-1',
      runId: randomUUID(),
      with: PATTERN_PARAMS.agent.parse({ capability: 'triage' }),
      input: { inline: 1 },
      deadlineAt: Date.now() + 60_000,
      priority: 'normal',
      resumed: false,
    };
    await startRunWorkflow(client, { pattern: 'agent', input }, agentQueue);
    return { status: client.workflow.getHandle(`org_org-1/${input.runId}`).result() };
  }
  const answering = (afterMs = 0) => new ScriptedAgents(() => ({ output: 'done', afterMs }));

  it('waits for an engine that is not there yet, and says so', async () => {
    const agents = answering();
    const { host: early, running, ended } = host(agents);
    await until(() => lines.some((line) => line.includes('the engine is away')));
    await launch();
    expect(await running).toEqual(['brikk-core']);
    expect(await (await start()).status).toBe('completed');
    early.stop();
    await ended;
  }, 60_000);

  it('ends the call in hand when it stops, takes nothing new, and loses nothing', async () => {
    const agents = answering(1_000);
    const first = host(agents);
    await first.running;
    const { status } = await start();
    await until(() => agents.keys.length === 1);
    first.host.stop();
    await first.ended;
    expect(agents.end).toBeUndefined();
    const late = await start();
    const second = host(agents);
    expect(await Promise.all([status, late.status])).toEqual(['completed', 'completed']);
    expect(agents.keys).toHaveLength(2);
    second.host.stop();
    await second.ended;
  }, 60_000);

  it('leaves agent calls to the workers of the agent queue when one is set', async () => {
    const [ofCore, ofQueue] = [answering(), answering()];
    const core = host(ofCore);
    const split = host(ofQueue, 'agents-apart');
    expect(await split.running).toEqual(['brikk-core', 'agents-apart']);
    await core.running;
    expect(await (await start('agents-apart')).status).toBe('completed');
    expect([ofCore.keys.length, ofQueue.keys.length]).toEqual([0, 1]);
    for (const { host: one } of [core, split]) one.stop();
    await Promise.all([core.ended, split.ended]);
  }, 60_000);

  it('shares the work between two hosts', async () => {
    const both = [answering(100), answering(100)];
    const hosts = both.map((agents) => host(agents));
    await Promise.all(hosts.map(({ running }) => running));
    const runs = await Promise.all(Array.from({ length: 20 }, () => start()));
    expect(new Set(await Promise.all(runs.map(({ status }) => status)))).toEqual(new Set(['completed']));
    expect(both.every(({ keys }) => keys.length > 0)).toBe(true);
    expect(both.reduce((sum, { keys }) => sum + keys.length, 0)).toBe(20);
  }, 60_000);

  it('stops though it was told before it had begun', async () => {
    const { host: waiting, ended } = host(answering());
    waiting.stop();
    await ended;
  }, 20_000);
});
