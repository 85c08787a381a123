import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LaunchedBrikk } from '../support/brikk.js';

jest.setTimeout(180_000);

const execute = promisify(execFile);

/** Each as its page says, against stand-ins of the services that it brings along. */
describe('the examples with outside services', () => {
  let brikk: LaunchedBrikk;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up([]);
  });
  afterAll(() => brikk?.down());

  const run = async (name: string): Promise<string> => {
    const { api, devKey } = await brikk.status();
    const main = path.join(import.meta.dirname, `../../dist/examples/${name}/main.js`);
    const env = { ...process.env, BRIKK_API_URL: api.url, BRIKK_API_KEY: devKey };
    return (await execute(process.execPath, [main], { env, timeout: 120_000 })).stdout;
  };

  it('take an issue to Jira and Slack, and what a person there decides back, again and again', async () => {
    for (const _ of ['once', 'again']) {
      const said = await run('issue-triage');
      expect(said).toMatch(/^Jira: {3}OPS-1 \(critical\): Disk full on db-3$/m);
      expect(said).toMatch(/^Brikk: {2}completed: .*"ticket":"OPS-1".*"choice":"approve"/m);
      expect(said).toMatch(/^GitHub: The team on call looks into it\.$/m);
    }
  });

  it('answer a mail in its thread, and tell the team on call of an incident', async () => {
    const said = await run('incident-mail');
    expect(said).toMatch(/^Brikk: completed: .*"severity":"critical".*"told":true/m);
    expect(said).toMatch(/^Mail: {2}to on-call@example\.com: \[critical\] Checkout is down$/m);
    expect(said).toMatch(/^Mail: {2}to ada@example\.com: Re: Checkout is down \(answers <1@example\.com>\)$/m);
  });

  it('have three reviewers agree on a pull request, and say so there', async () => {
    const said = await run('pull-request-review');
    expect(said).toMatch(/^Brikk: {2}completed: \{"pull":"octo\/shop#1","verdict":"request changes"\}$/m);
    expect(said).toMatch(/^GitHub: request-changes: Three reviewers agree: \*\*request changes\*\* \(1 files; run /m);
  });
});
