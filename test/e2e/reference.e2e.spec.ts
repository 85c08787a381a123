import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { findTemporal, startTemporal, type TemporalServer } from '../../apps/cli/up/temporal.js';
import type { Approval } from '../../contracts/approvals.js';
import type { Definition } from '../../contracts/definition.js';
import type { AcceptedRun, Run } from '../../contracts/runs.js';
import { OutsideServices } from '../../examples/incident-team/outside.js';
import { historyText } from '../support/history-text.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { IncidentTeam } from '../support/incident-team.js';

jest.setTimeout(120_000);

const FILE = 'examples/definitions/reference.yaml';
const SECRET = 'pager-token-7f3a9c';
/** Above so many events the engine wants a new history; as it is, a run of this definition does not come to a tenth of it. */
const MANY_EVENTS = 60;
const HOSTS = Array.from({ length: 24 }, (_, number) => `web-${number}`);
const TICKET = { id: 'INC-7', title: 'Checkout fails', text: 'The checkout is down: disk full on db-3', hosts: HOSTS };

const holdsSecret = (text: string) => text.includes(SECRET);

describe('the reference definition with the launched product', () => {
  let brikk: LaunchedBrikk;
  let team: IncidentTeam;
  let temporal: TemporalServer;
  let folder: string;
  let connection: Connection;
  let client: Client;
  const outside = new OutsideServices();
  beforeAll(async () => {
    await outside.listen();
    folder = await mkdtemp(path.join(tmpdir(), 'brikk-reference-'));
    temporal = await startTemporal({
      binary: (await findTemporal(() => undefined)).path,
      dbFile: path.join(folder, 'temporal.db'),
      ephemeral: true,
      dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': MANY_EVENTS },
    });
    const settings = { BRIKK_HTTP_HOST_OVERRIDES: outside.overrides, TEMPORAL_ADDRESS: temporal.address };
    brikk = await LaunchedBrikk.up(['--no-samples'], settings);
    team = await IncidentTeam.register(brikk);
    connection = await Connection.connect({ address: temporal.address });
    client = new Client({ connection, namespace: 'brikk' });
    await brikk.call('PUT', '/v1/secrets/pager', { value: { token: SECRET } });
  });
  afterAll(async () => {
    await connection?.close();
    await brikk?.down();
    await team?.close();
    outside.close();
    await temporal?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (): Promise<AcceptedRun> =>
    brikk.start({
      definition: parse(await readFile(FILE, 'utf8')) as Definition,
      input: { ticket: TICKET, budget: 1 },
    });

  /** A person approves the plan, and somebody reports that the ticket may be paged. */
  async function attend(id: string): Promise<Run> {
    const { status, error } = await brikk.reached(id, (run) => run.status === 'waiting' || run.finishedAt !== null);
    expect([status, error]).toEqual(['waiting', null]);
    const { items } = await brikk.call<{ items: Approval[] }>('GET', `/v1/approvals?run=${id}&status=pending`);
    await brikk.call('POST', `/v1/approvals/${items[0]!.id}`, { decision: 'approve' });
    const data = { id: TICKET.id, by: 'ada' };
    await brikk.call('POST', '/v1/events', { type: 'dev.brikk.approval.v1', data });
    return brikk.finished(id);
  }

  const historiesOf = async ({ id }: Pick<Run, 'id'>): Promise<string[]> => {
    const texts: string[] = [];
    for await (const { workflowId, runId } of client.workflow.list({ query: 'WorkflowType = "workflow"' }))
      if (workflowId.endsWith(id))
        texts.push(historyText(await client.workflow.getHandle(workflowId, runId).fetchHistory()));
    return texts;
  };
  const histories = async (run: Run) => (await historiesOf(run)).length;

  it('ends like undisturbed when the worker is killed, repeats no journaled call, goes on in a new history, and keeps the secret', async () => {
    const undisturbed = await attend((await start()).id);
    expect(undisturbed).toMatchObject({
      status: 'completed',
      output: {
        triage: { critical: true },
        repaired: { by: 'day-crew' },
        cause: 'the disk is full',
        remedy: { drain: { drained: true } },
        escalated: { vendor: 'a larger disk is on its way', customers: 'customers are told' },
        told: { channel: '#ops', text: 'Done: Checkout fails' },
      },
    });

    const { id } = await start();
    const { workers } = await brikk.status();
    const inspected = (run: Run) =>
      run.contributions.filter(({ callKey, status }) => callKey.includes('inspect') && status === 'completed');
    const before = inspected(await brikk.reached(id, (run) => inspected(run).length >= 4));
    process.kill(workers[0]!.pid, 'SIGKILL');
    const disturbed = await attend(id);

    expect(disturbed.output).toEqual(undisturbed.output);
    const keys = (run: Run) => run.contributions.map(({ callKey }) => callKey).toSorted();
    expect(keys(disturbed)).toEqual(keys(undisturbed));
    const calls = team.callsOf(id);
    for (const { callKey } of before) expect([callKey, calls.get(callKey)]).toEqual([callKey, 1]);
    const services = outside.asked.map((asked) => asked.path).toSorted();
    expect(services).toEqual(['/a2a', '/a2a', '/messages', '/messages', '/pages', '/pages']);

    for (const run of [undisturbed, disturbed]) {
      const texts = await historiesOf(run);
      expect(texts.length).toBeGreaterThanOrEqual(2);
      expect(texts.join('').includes('$secrets.pager.token')).toBe(true);
      expect([...texts, JSON.stringify([run, await brikk.events(run.id)])].some(holdsSecret)).toBe(false);
    }

    const paged = outside.asked.filter(({ path: asked }) => asked === '/pages');
    expect(paged.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${SECRET}`, `Bearer ${SECRET}`]);
    for (const file of await readdir(path.join(brikk.home, 'logs')))
      expect([file, holdsSecret(await readFile(path.join(brikk.home, 'logs', file), 'utf8'))]).toEqual([file, false]);
  });

  it('keeps its budget through new histories: nothing of it is lost, and nothing counted twice', async () => {
    const asked = { id: TICKET.id, title: TICKET.title, text: TICKET.text };
    const tasks = [
      { opened: { set: asked, metadata: { brikk: { compensate: { capability: 'drain', input: '${ .id }' } } } } },
      {
        each: {
          for: { in: '[range(24)]' },
          do: [{ ask: { call: 'agent', with: { capability: 'classify' }, output: { as: '$input' } } }],
        },
      },
    ];
    const run = async (calls: number) => {
      const metadata = { brikk: { budget: { calls, wallClock: 'PT10M' } } };
      const document = { dsl: '1.0.3', namespace: 'support', name: 'counted', version: '1.0.0', metadata };
      return brikk.finished((await brikk.start({ definition: { document, do: tasks } })).id);
    };
    const enough = await run(30);
    expect(enough).toMatchObject({ status: 'completed', budget: { used: { calls: 24 } } });
    expect(await histories(enough)).toBeGreaterThan(1);

    const short = await run(20);
    expect(short).toMatchObject({ status: 'budget_exceeded', terminationReason: 'budget' });
    expect(short.contributions.filter(({ role, status }) => role === null && status === 'completed')).toHaveLength(20);
    // What was done in an earlier history is undone in the last one, whatever the budget has left.
    expect(short.contributions.filter(({ role }) => role === 'compensation')).toMatchObject([{ status: 'completed' }]);
    expect(short.budget).toMatchObject({ used: { calls: 21 } });
    expect(await histories(short)).toBeGreaterThan(1);
  });
});
