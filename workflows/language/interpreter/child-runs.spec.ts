import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { parse } from 'yaml';
import type { Definition } from '../../../contracts/definition.js';
import type { RunProcess, TaskList } from '../../../contracts/definition-tasks.js';
import type { Json } from '../../../contracts/json.js';
import type { RunInput } from '../../../contracts/run-workflow.js';
import { childRuns } from '../../../apps/worker/record.js';
import { finishRun } from '../../../database/finish-run.js';
import { readEvents } from '../../../database/run-events.js';
import { reserveBudget } from '../../../database/budget.repository.js';
import { definitionOf } from '../../../test/support/interpreted.js';
import { RecordedDefinitions, SECRET } from '../../../test/support/recorded-definitions.js';
import { ScriptedAgents } from '../../../test/support/scripted-agents.js';
import { until } from '../../../test/support/until.js';

jest.setTimeout(120_000);

const named = (name: string, tasks: TaskList, version = '1.0.0', rest: Partial<Definition> = {}): Definition => ({
  ...definitionOf(tasks, rest),
  document: { dsl: '1.0.3', namespace: 'test', name, version, ...rest.document },
});
const running = (name: string, rest: Partial<RunProcess> = {}, version = 'latest'): TaskList[number] => ({
  below: { run: { workflow: { namespace: 'test', name, version }, ...rest } },
});

describe('a workflow that a task runs', () => {
  let record: RecordedDefinitions;
  beforeAll(async () => {
    record = await RecordedDefinitions.start();
  }, 90_000);
  beforeEach(() => {
    record.agents = new ScriptedAgents((_, input) => ({ output: input }));
  });
  afterAll(() => record?.stop());

  it('does what its page shows', async () => {
    const page = readFileSync('docs/language/run.md', 'utf8');
    const [child, parent] = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => parse(yaml!) as Definition);
    const { input, output } = JSON.parse(/```json\n([^]*?)```/.exec(page)![1]!) as { input: Json; output: Json };
    await record.publish(child!);
    expect(await record.ended(parent!, input)).toMatchObject({ status: 'completed', output });
  });

  it('is a run of its own: on record, told of by the run that asks, with its labels and its own $workflow', async () => {
    await record.publish(named('own', [{ tell: { set: { id: '${ $workflow.id }', got: '${ . }' } } }]));
    const run = await record.ended(
      definitionOf([running('own')]),
      { n: 1 },
      { labels: { team: 'a' }, priority: 'high' },
    );
    const [child] = await record.below(run.id);
    expect(run.output).toEqual({ id: child!.id, got: { n: 1 } });
    expect(child).toMatchObject({
      parentRunId: run.id,
      workflow: 'test/own:1.0.0',
      status: 'completed',
      labels: { team: 'a' },
      priority: 'high',
    });
  });

  it('takes the version that is named; latest is the newest that was there when the run was accepted', async () => {
    for (const version of ['1.2.0', '1.10.0'])
      await record.publish(named('versions', [{ tell: { set: { version } } }], version));
    const tasks: TaskList = [
      running('versions', {}, '1.2.0'),
      { note: { set: '${ . }', export: { as: '{ named: . }' } } },
      { pause: { listen: { to: { one: { with: { type: 'go' } } } } } },
      running('versions'),
      { both: { set: { named: '${ $context.named.version }', latest: '${ .version }' } } },
    ];
    const named1: TaskList = tasks.map((entry, at) =>
      Object.fromEntries(Object.entries(entry).map(([k, t]) => [`${k}${at}`, t])),
    );
    const { id, handle } = await record.begin(definitionOf(named1));
    await until(async () => (await record.below(id)).length === 1);
    await record.publish(named('versions', [{ tell: { set: { version: '2.0.0' } } }], '2.0.0'));
    await handle.signal('signal', { name: 'x', data: { id: '1', source: '/s', type: 'go', specversion: '1.0' } });
    await handle.result();
    expect((await record.load(id)).output).toEqual({ named: '1.2.0', latest: '1.10.0' });
  });

  it('is the one that an expression names', async () => {
    const workflow = { namespace: 'test', name: '${ .which }', version: '${ "1.0.\\(.n)" }' };
    const run = (which: Json) => record.ended(definitionOf([{ below: { run: { workflow } } }]), { which, n: 0 });
    expect((await run('nowhere')).error).toMatchObject({
      code: 'workflow.configuration',
      message: 'There is no workflow test/nowhere:1.0.0',
    });
    expect((await run(7)).error).toMatchObject({ code: 'workflow.expression' });
  });

  it('raises the error that ended it at the task', async () => {
    const error = { type: 'https://example.com/broken', status: 418, title: 'Broken', detail: 'badly' };
    await record.publish(named('broken', [{ fails: { raise: { error } } }]));
    const { status, error: told } = await record.ended(definitionOf([running('broken')]));
    expect({ status, told }).toMatchObject({ status: 'failed', told: { ...error, instance: '/do/0/below' } });
  });

  it('is a configuration error when it is not there, too deep, or a process', async () => {
    await record.publish(named('endless', [running('endless')]));
    const errors = [
      [running('nowhere')],
      [running('endless')],
      [{ below: { run: { shell: { command: 'ls' } } } }],
    ] satisfies TaskList[];
    const ends = await Promise.all(errors.map((tasks) => record.ended(definitionOf(tasks))));
    expect(ends.map(({ error }) => [error!.code, error!.message])).toEqual([
      ['workflow.configuration', 'There is no workflow test/nowhere'],
      ['workflow.configuration', 'workflows run each other at most 20 deep'],
      [
        'workflow.configuration',
        'run.shell starts a process and is refused: the operator allows it by BRIKK_ALLOW_PROCESSES=shell',
      ],
    ]);
  });

  it('gives what a script wrote, where the operator allows scripts, and its failure is an error', async () => {
    const code =
      "import { readFileSync } from 'node:fs'; process.stdout.write(process.argv[2] + process.env.GREETING + readFileSync(0))";
    const given = { arguments: ['${ .name }'], environment: { GREETING: ', hi ' }, stdin: '${ .name }!' };
    const script = (more: object) => ({ run: { script: { language: 'js', code, ...given, ...more } } });
    const failing = { run: { script: { language: 'python', code: 'import sys; print(7); sys.exit("no")' } } };
    const tasks: TaskList = [
      { fine: { ...script({}), export: { as: '{ fine: . }' } } },
      { failing: { try: [{ it: failing }], catch: { do: [{ told: { set: '${ $error }' } }] } } },
      { last: { set: { fine: '${ $context.fine }', failed: '${ .detail }' } } },
    ];
    const { output, error } = await record.ended(definitionOf(tasks), { name: 'ada' });
    expect(error ?? output).toEqual({ fine: 'ada, hi ada!', failed: 'run.script ended with code 1: no' });
    const all = { run: { ...failing.run, return: 'all' as const } };
    expect((await record.ended(definitionOf([{ all }]))).output).toEqual({ code: 1, stdout: '7\n', stderr: 'no\n' });
  });

  it('keeps the secrets of a script out of the history, the events and the record', async () => {
    const code = 'console.log(process.env.KEY.length, process.env.KEY); throw new Error(process.env.KEY)';
    const script = { language: 'js', code, environment: { KEY: '${ $secrets.desk }' }, stdin: '${ .name }' };
    const all: TaskList = [{ all: { run: { script, return: 'all' } } }, { out: { run: { script } } }];
    const { id, handle } = await record.begin(definitionOf(all, { use: { secrets: ['desk'] } }), { name: 'ada' });
    await handle.result();
    const { error } = await record.load(id);
    expect(error?.detail).toMatch(/ended with code 1: .*Error: \*\*\*/s);
    const { database } = record.test;
    const rows = await database.inOrg(record.orgId, (tx) =>
      Promise.all(['run', 'run_event', 'call_journal'].map((table) => tx<object>(`SELECT * FROM ${table}`))),
    );
    const history = historyToJSON(await handle.fetchHistory());
    const payloads = [...history.matchAll(/"data":\s*"([^"]*)"/g)].map(([, data = '']) => Buffer.from(data, 'base64'));
    const told = JSON.stringify(rows) + history + payloads.join('');
    expect(told).toContain(`${SECRET.length} ***`);
    expect(told).not.toContain(SECRET);
  });

  it('gives what processes give where that is asked for', async () => {
    await record.publish(named('simple', [{ a: { set: { a: 1 } } }]));
    const outputs = await Promise.all(
      (['none', 'code', 'all'] as const).map(
        async (wanted) => (await record.ended(definitionOf([running('simple', { return: wanted })]))).output,
      ),
    );
    expect(outputs).toEqual([null, 0, { code: 0, stdout: { a: 1 }, stderr: '' }]);
  });

  it('goes on by itself when nobody waits for it', async () => {
    await record.publish(named('alone', [{ hear: { listen: { to: { one: { with: { type: 'go' } } } } } }]));
    const run = await record.ended(definitionOf([running('alone', { await: false })]), { n: 2 });
    expect(run).toMatchObject({ status: 'completed', output: { n: 2 } });
    const [child] = await record.below(run.id);
    const handle = record.worker.client.workflow.getHandle(`org_${record.orgId}/${child!.id}`);
    await handle.signal('signal', { name: 'x', data: { id: '1', source: '/s', type: 'go', specversion: '1.0' } });
    expect(await handle.result()).toBe('completed');
  });

  it('is paused, resumed and canceled with the run that waits for it', async () => {
    await record.publish(named('slow', [{ nap: { wait: 'PT1H' } }]));
    const { id, handle } = await record.begin(definitionOf([running('slow')]));
    const below = async () => (await record.below(id))[0];
    await until(async () => (await below())?.status === 'waiting');
    await handle.signal('pause');
    await until(async () => (await record.load(id)).status === 'paused');
    await handle.signal('resume');
    await until(async () => (await record.load(id)).status === 'running');
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect((await below())!.status).toBe('canceled');
  });

  it('is canceled when the time of its task is over', async () => {
    await record.publish(named('endlessly', [{ nap: { wait: 'PT1H' } }]));
    const [task] = Object.values(running('endlessly'));
    const run = await record.ended(definitionOf([{ below: { ...task!, timeout: { after: 'PT0.1S' } } }]));
    expect(run).toMatchObject({ status: 'failed', error: { code: 'workflow.timeout', instance: '/do/0/below' } });
    expect((await record.below(run.id))[0]!.status).toBe('canceled');
  });

  it('is found again by a run that begins anew, and waited for when somebody else has started it', async () => {
    const hear: TaskList = [{ hear: { listen: { to: { one: { with: { type: 'go' } } } }, output: { as: '.[0]' } } }];
    await record.publish(named('again', hear));
    const parent = await record.accept(definitionOf([running('again')]));
    const { orgId, runId } = parent;
    const asked = { key: 'do/0/below', namespace: 'test', name: 'again', version: 'latest', input: parent.input };
    const opened = await childRuns(record.test.database).open({ orgId, runId, ...asked, depth: 0 });
    if ('refused' in opened) throw new Error(opened.refused);
    const child = await record.go(opened.start as RunInput);
    const handle = await record.go({ ...parent, resumed: true });
    await until(async () => (await eventsOf(runId)).includes('run.child_started'));
    await child.signal('signal', {
      name: 'x',
      data: { id: '1', source: '/s', type: 'go', specversion: '1.0', data: 7 },
    });
    expect(await handle.result()).toBe('completed');
    expect((await record.load(runId)).output).toBe(7);
    expect(await record.below(runId)).toHaveLength(1);
    const anew = await childRuns(record.test.database).open({ orgId, runId, ...asked, depth: 0 });
    expect(anew).toEqual({ runId: opened.runId, workflow: 'test/again:1.0.0', priorityKey: 3 });
  });

  it('has of a budget what is left, and gives back the rest', async () => {
    const ask = { call: 'agent', with: { agent: 'a' } };
    await record.publish(named('asking', [{ ask }, { more: ask }]));
    const { database } = record.test;
    record.agents = new ScriptedAgents((_, input) => ({ output: input }));
    const budget = { calls: 5, depth: 3, onExceeded: 'stop' } as const;
    const run = await record.ended(definitionOf([running('asking'), { own: ask }]), {}, { budget });
    const [child] = await record.below(run.id);
    const given = await record.load(child!.id);
    expect(given.budget!.limits).toEqual({ calls: 5, depth: 2, onExceeded: 'stop' });
    // What the scripted agents do not: reserve their calls.
    const levels = [{ place: '', limits: { calls: 5 } }];
    const parent = await record.accept(definitionOf([]), {}, { budget });
    const { orgId, runId } = parent;
    const children = childRuns(database);
    const asked = { key: 'do/0/below', namespace: 'test', name: 'asking', version: 'latest', input: parent.input };
    const opened = await children.open({ orgId, runId, ...asked, depth: 0, deadlineAt: 0, budget: { levels } });
    if ('refused' in opened) throw new Error(opened.refused);
    expect(opened.start!.budget).toEqual({ calls: 5, onExceeded: 'stop' });
    expect((await record.load(runId)).budget!.left).toEqual({ calls: 0 });
    const estimate = { calls: 1, tokens: 0, costUsd: 0 };
    const request = { callKey: 'k', levels, estimate, agentId: opened.runId, isForced: false };
    await database.inOrg(orgId, (tx) => reserveBudget(tx, orgId, opened.runId, [request]));
    const readIt = () => children.read({ orgId, runId, childRunId: opened.runId, key: asked.key });
    expect(await readIt()).toBeNull();
    const end = {
      status: 'completed',
      terminationReason: 'done',
      degraded: false,
      rounds: 0,
      warnings: [] as string[],
    } as const;
    await finishRun(database, { orgId, runId: opened.runId, ...end, output: { inline: 1 }, events: [] });
    for (const _ of [1, 2]) {
      expect(await readIt()).toMatchObject({ status: 'completed', output: { inline: 1 } });
      expect((await record.load(runId)).budget).toMatchObject({ left: { calls: 4 }, used: { calls: 1 } });
    }
    const alone = await children.open({ orgId, runId, ...asked, key: 'other', depth: 0, budget: { levels } });
    expect(alone).toMatchObject({ reason: 'budget', refused: expect.stringContaining('calls') });
  });

  const eventsOf = async (runId: string): Promise<string[]> =>
    (await record.test.database.inOrg(record.orgId, (tx) => readEvents(tx, runId, { after: 0, limit: 100 }))).map(
      ({ type }) => type,
    );
});
