import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Run } from '../../contracts/runs.js';
import type { Schedule } from '../../contracts/schedules.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { until } from '../support/until.js';
import { accountOf, killedInTheMiddle } from '../support/killed-in-the-middle.js';

jest.setTimeout(120_000);

const YAML = `# Asks again and again, then side by side.
document: { dsl: '1.0.3', namespace: e2e, name: rounds, version: '1.0.0' }
do:
  - asking:
      for: { each: word, in: .words }
      do:
        - ask: { call: agent, with: { capability: count, input: '\${ $word }' }, export: { as: '$context + { last: . }' } }
  - both:
      fork:
        branches:
          - one: { call: agent, with: { capability: count, input: one } }
          - two: { do: [{ pause: { wait: { milliseconds: 20 } } }, { two: { set: two } }] }
  - told: { set: { outputs: '\${ . }', last: '\${ $context.last }' } }
`;

describe('definitions with the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  let folder: string;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(150);
    await brikk.register('count', 'count', agent.url, { maxConcurrency: 100 });
    folder = await mkdtemp(path.join(tmpdir(), 'brikk-definitions-'));
    await writeFile(path.join(folder, 'rounds.yaml'), YAML);
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const file = () => path.join(folder, 'rounds.yaml');
  const input = { words: ['a', 'b', 'c', 'd'] };
  const done = { status: 'completed', workflow: 'e2e/rounds:1.0.0', output: { outputs: ['one', 'two'], last: 'd' } };

  it('are run from a file, published, shown as they were written, and run by name', async () => {
    const given = ['--input', JSON.stringify(input), '--follow', '-o', 'json'];
    const lines = (await brikk.brikk(['run', file(), ...given])).trim().split('\n');
    expect(JSON.parse(lines.at(-1) as string)).toMatchObject(done);
    expect(await brikk.brikk(['workflows', 'publish', file()])).toContain('e2e/rounds:1.0.0 is published');
    expect(await brikk.brikk(['workflows', 'list'])).toMatch(/e2e\/rounds +1\.0\.0/);
    expect(await brikk.brikk(['workflows', 'show', 'e2e/rounds'])).toContain('each: word');
    const { id } = await brikk.start({ workflow: 'e2e/rounds', input: { words: [] } });
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', definitionHash: expect.any(String) });
    const { items } = await brikk.call<{ items: Run[] }>('GET', '/v1/runs?workflow=e2e/rounds');
    expect(items.map((run) => run.workflow)).toEqual([done.workflow, done.workflow]);
  });

  it('end like undisturbed when the worker is killed in the middle, and repeat no journaled call', async () => {
    const run = { workflow: 'e2e/rounds:1.0.0', input };
    const undisturbed = await brikk.finished((await brikk.start(run)).id);
    expect(undisturbed).toMatchObject(done);
    const { run: disturbed, calls } = await killedInTheMiddle(brikk, agent, run, 3);
    expect(accountOf(disturbed)).toEqual(accountOf(undisturbed));
    expect(calls).toBeLessThanOrEqual(6);
    const names = (await brikk.events(disturbed.id)).flatMap(({ type, data }) =>
      type === 'step.started' && 'name' in data ? [data.name] : [],
    );
    expect(names.filter((name) => name === 'ask')).toHaveLength(4);
  });

  it('lease what their tasks need, one after another, and undo what was done when they fail', async () => {
    await brikk.call('PUT', '/v1/resources/card', { capacity: 1 });
    const charge = (name: string) => ({
      [name]: {
        call: 'agent',
        with: { capability: 'count', input: name },
        metadata: { brikk: { needs: { card: 1 }, compensate: { capability: 'count', input: '${ "undo " + . }' } } },
      },
    });
    const full = { error: { type: 'https://example.com/errors/full', status: 409, title: 'Full' } };
    const definition = {
      document: { dsl: '1.0.3', namespace: 'e2e', name: 'undone', version: '1.0.0' },
      do: [{ both: { fork: { branches: [charge('one'), charge('two')] } } }, { fails: { raise: full } }],
    };
    const run = await brikk.finished((await brikk.start({ definition })).id);
    expect(run).toMatchObject({ status: 'failed', terminationReason: 'fault', error: { status: 409 } });
    const roles = run.contributions.map(({ role, status }) => `${role ?? 'work'} ${status}`).toSorted();
    const [undone, done] = ['compensation completed', 'work completed'];
    expect(roles).toEqual([undone, undone, done, done]);
    const types = (await brikk.events(run.id)).map(({ type }) => type);
    expect(types).toContain('resource.waiting');
    expect(types.filter((type) => type === 'step.compensated')).toHaveLength(2);
  });

  it('begin by themselves, each time once, whichever process dies; a schedule is paused, resumed and triggered', async () => {
    const text = YAML.replace('name: rounds', 'name: ticking').replace('do:', 'schedule: { every: PT1S }\ndo:');
    await writeFile(path.join(folder, 'ticking.yaml'), text.replace(/do:[^]*/, 'do: [{ tick: { set: { n: 1 } } }]\n'));
    await brikk.brikk(['workflows', 'publish', path.join(folder, 'ticking.yaml')]);
    const runs = async () =>
      (await brikk.call<{ items: Run[] }>('GET', '/v1/runs?workflow=e2e/ticking&limit=200')).items;
    await until(async () => (await runs()).length >= 2, 60_000);
    const { workers } = await brikk.status();
    process.kill(workers[0]!.pid, 'SIGKILL');
    const before = (await runs()).length;
    await until(async () => (await runs()).length >= before + 3, 60_000);
    expect(await brikk.brikk(['schedules', 'pause', 'e2e/ticking'])).toContain('is paused');
    const { fires } = await brikk.call<Schedule>('GET', '/v1/schedules/e2e/ticking');
    const all = await runs();
    const times = all.map(({ id }) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).reverse();
    expect(times).toEqual(times.map((_, at) => times[0]! + at * 1_000));
    expect(fires).toBe(all.length);
    for (const { id } of all) expect((await brikk.finished(id)).output).toEqual({ n: 1 });
    const triggered = await brikk.call<{ id: string }>('POST', '/v1/schedules/e2e/ticking/trigger');
    expect(await brikk.finished(triggered.id)).toMatchObject({ status: 'completed', workflow: 'e2e/ticking:1.0.0' });
    expect(await brikk.brikk(['schedules', 'list'])).toMatch(/e2e\/ticking +1\.0\.0 +every 1 s +paused/);
  });
});
