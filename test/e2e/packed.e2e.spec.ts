import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ScriptedApi, scriptedApi } from '../support/doubler.js';

jest.setTimeout(120_000);
const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');

/** The package as it would be published, unpacked where npm would put it, beside the packages that it depends on. */
describe('the package', () => {
  let home: string;
  let api: ScriptedApi;
  let agent: ChildProcess | undefined;
  const project = () => path.join(home, 'my-agents');
  const brikk = (...args: string[]) =>
    run(process.execPath, [path.join(home, 'node_modules/brikk/dist/apps/cli/main.js'), ...args], { cwd: home });

  beforeAll(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'brikk-packed-'));
    await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', home], { cwd: root });
    const tarball = readdirSync(home).find((name) => name.endsWith('.tgz'))!;
    await run('tar', ['-xzf', tarball], { cwd: home });
    const modules = path.join(home, 'node_modules');
    mkdirSync(modules);
    for (const name of readdirSync(path.join(root, 'node_modules')).filter((one) => one !== 'brikk'))
      symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
    renameSync(path.join(home, 'package'), path.join(modules, 'brikk'));
    api = await scriptedApi();
    await brikk('init', 'my-agents');
  }, 60_000);
  afterAll(async () => {
    if (agent?.exitCode === null && agent.kill('SIGTERM')) await once(agent, 'exit');
    api.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('holds what runs, and neither sources nor tests', () => {
    const held = readdirSync(path.join(home, 'node_modules/brikk'), { recursive: true }).map(String);
    expect(held).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'temporal-dev.yml', 'dist/workflow-bundle.js']),
    );
    expect(held.filter((name) => /\.spec\.|^(sdk|test|apps)\b|(?<!\.d)\.ts$|tsbuildinfo/.test(name))).toEqual([]);
  });

  it('begins a project that depends on this version, whose types, test and definition are right', async () => {
    const written = JSON.parse(readFileSync(path.join(project(), 'package.json'), 'utf8')) as object;
    expect(written).toMatchObject({ name: 'my-agents', dependencies: { brikk: '0.1.0', zod: '4.6.7' } });
    const tsc = path.join(root, 'node_modules/typescript7/bin/tsc');
    await run(process.execPath, [tsc, '-p', path.join(project(), 'jsconfig.json')]);
    const tests = await run(process.execPath, ['--test', 'test/greet.test.js'], { cwd: project(), env: withoutJest() });
    expect(tests.stdout).toMatch(/pass 2\n/);
    await brikk('validate', path.join(project(), 'workflows/greeting.yaml'));
  });

  it('runs the agent of that project', async () => {
    agent = spawn(process.execPath, ['agents/main.js'], {
      cwd: project(),
      env: { ...withoutJest(), BRIKK_API_URL: api.url, BRIKK_API_KEY: 'k' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [{ url }] = (await once(agent, 'message')) as [{ url: string }];
    const task = { kind: 'task', capability: 'greet', input: { name: 'Ada' }, context: null, deadlineMs: 5_000 };
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...task, run: { id: 'r', step: '/', attempt: 1 }, idempotencyKey: 'k' }),
    });
    expect(await answer.json()).toEqual({ output: { text: 'Hello Ada' } });
    expect(api.seen[0]).toMatchObject({ body: { name: 'greeter', capabilities: [{ name: 'greet' }] } });
  });
});

function withoutJest(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
  return env;
}
