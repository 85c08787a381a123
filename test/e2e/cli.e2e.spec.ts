import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LaunchedBrikk } from '../support/brikk.js';

jest.setTimeout(180_000);

const TEXT = JSON.stringify({ text: 'Checkout is down since 10:05, mail jo@example.com' });
const UNKNOWN = '01900000-0000-7000-8000-000000000000';

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

describe('the command line', () => {
  let brikk: LaunchedBrikk;
  let runId: string;
  /** As a shell sees it. The port is not the usual one: the data folder says where the API is. */
  const run = (...args: string[]): Promise<Ended> =>
    brikk.brikk(args).then(
      (stdout) => ({ code: 0, stdout, stderr: '' }),
      ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr }),
    );
  const json = async (...args: string[]): Promise<unknown> => JSON.parse((await run(...args, '-o', 'json')).stdout);

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up([]);
    const { stdout } = await run('run', 'agent', '--with', '{"capability":"triage"}', '--input', TEXT);
    runId = /Run (\S+) accepted/.exec(stdout)?.[1] ?? '';
    await brikk.finished(runId);
  });
  afterAll(() => brikk?.down());

  it('starts a run, prints what happens line by line, then the result', async () => {
    const params = ['--with', '{"capability":"triage"}', '--input', TEXT, '--label', 'team=ops', '--follow'];
    const { code, stdout } = await run('run', 'agent', ...params);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Run \S+ accepted\.\n/);
    const types = [...stdout.matchAll(/^[\d:.]{12} {2}(\S+)/gm)].map(([, type]) => type);
    expect(types[0]).toBe('run.accepted');
    expect(types).toContain('call.finished');
    expect(types.at(-1)).toBe('run.finished');
    expect(stdout).toMatch(/← triage completed in /);
    expect(stdout).toMatch(/^status {4}completed \(/m);
    expect(stdout).toMatch(/^labels {4}team=ops$/m);
    expect(stdout).toMatch(/"severity": /);
  });

  it('takes a run from a YAML file', async () => {
    const file = path.join(brikk.home, 'run.yaml');
    await writeFile(file, `pattern: agent\nwith: { capability: summariser }\ninput: ${TEXT}\n`);
    const { code, stdout } = await run('run', file, '--follow');
    expect(stdout).toMatch(/"summary": /);
    expect(code).toBe(0);
  });

  it('ends with 1 when the run that it follows fails', async () => {
    const params = ['--with', '{"capability":"triage"}', '--input', '{"text":7}', '--follow'];
    const { code, stdout } = await run('run', 'agent', ...params);
    expect(stdout).toMatch(/^status {4}failed \(/m);
    expect(stdout).toMatch(/^error {5}\S/m);
    expect(code).toBe(1);
  });

  it('lists runs and pages through them', async () => {
    const { stdout } = await run('runs', 'list', '--limit', '1', '--pattern', 'agent');
    expect(stdout).toMatch(/^RUN +PATTERN +STATUS +TOOK +ACCEPTED +LABELS\n/);
    const cursor = /More with --cursor (\S+)/.exec(stdout)?.[1] ?? '';
    const { items } = (await json('runs', 'list', '--pattern', 'agent', '--cursor', cursor)) as { items: unknown[] };
    expect(items).toContainEqual(expect.objectContaining({ id: runId, status: 'completed' }));
  });

  it('shows a run, its trace and its story', async () => {
    expect((await run('runs', 'get', runId)).stdout).toMatch(new RegExp(`^run {7}${runId}\npattern {3}agent\n`));
    expect(await json('runs', 'get', runId)).toMatchObject({ id: runId, status: 'completed' });
    expect((await run('runs', 'trace', runId)).stdout).toMatch(/run\.accepted +agent\n[^]*run\.finished +completed/);
    const { stdout: story } = await run('runs', 'story', runId);
    expect(story).toMatch(/^A run of the pattern agent\.\ntriage answered in .*\nIt completed after /);
    expect((await run('runs', 'story', runId, '--follow')).stdout).toBe(story);
    expect(await json('runs', 'story', runId)).toMatchObject({ id: runId, lines: [{ position: 1 }, {}, {}] });
  });

  it('lists the agents and shows one', async () => {
    const { stdout } = await run('agents', 'list', '--capability', 'triage');
    expect(stdout).toMatch(/^AGENT +VERSION +STATE +INSTANCES +CAPABILITIES +ID\ntriage +1\.0\.0 /);
    const { items } = (await json('agents', 'list')) as { items: { id: string; name: string }[] };
    expect(items).toHaveLength(18);
    const triage = items.find(({ name }) => name === 'triage');
    const { stdout: detail } = await run('agents', 'get', triage?.id ?? '');
    expect(detail).toMatch(/^triage 1\.0\.0 /);
    expect(detail).toMatch(/\nCAPABILITY +CALLS +SUCCESS/);
  });

  it('lists the patterns and shows what one takes', async () => {
    expect((await run('patterns', 'list')).stdout).toMatch(/^PATTERN +WHAT IT DOES\nagent +One agent call\.\n/);
    const { stdout } = await run('patterns', 'show', 'market');
    expect(stdout).toMatch(/\nmechanism +"contract-net" +"contract-net" \| /);
    expect(await json('patterns', 'show', 'plan')).toMatchObject({ name: 'plan', with: { $defs: {} } });
  });

  it.each([
    ['a pattern that does not exist', ['run', 'agnet'], /^agnet is neither a file nor a pattern; patterns: agent, /],
    ['parameters that the pattern lacks', ['run', 'agent', '--with', '{"capabilty":"x"}'], /request\.invalid[^]*capab/],
    ['parameters that are not JSON', ['run', 'agent', '--with', '{oops}'], /^--with is not JSON/],
    ['a pattern to show that does not exist', ['patterns', 'show', 'marcet'], /did you mean market/],
    ['a run that does not exist', ['runs', 'get', UNKNOWN], /run\.not_found/],
    ['the trace of a run that does not exist', ['runs', 'trace', UNKNOWN], /run\.not_found/],
    ['an agent that does not exist', ['agents', 'get', UNKNOWN], /agent\.not_found/],
    ['a status that does not exist', ['runs', 'list', '--status', 'done'], /status: .*allowed: /],
    ['a key that is wrong', ['runs', 'list', '--api-key', 'guess'], /auth\.invalid/],
  ])('refuses %s in words, with exit code 1', async (_, args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('says how to start Brikk where none answers', async () => {
    const { code, stderr } = await brikk.brikk(['runs', 'list', '--api-url', 'http://127.0.0.1:1']).then(
      () => ({ code: 0, stderr: '' }),
      (error: Ended) => error,
    );
    expect(stderr).toMatch(/start Brikk with/);
    expect(code).toBe(1);
  });
});
