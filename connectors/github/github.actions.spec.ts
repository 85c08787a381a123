import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Octokit } from '@octokit/rest';
import type { Json } from '../../contracts/json.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { ConnectorHouse } from '../../test/support/connections.js';
import { emulated, type Emulated } from '../../test/support/emulators.js';
import { type TestDatabase, withDatabase } from '../../test/support/postgres.js';

jest.setTimeout(60_000);

const REPO = { owner: 'octo', repo: 'shop' };

describe('GitHub', () => {
  let test: TestDatabase;
  let house: ConnectorHouse;
  let github: Emulated;
  let octokit: Octokit;
  let sha: string;
  beforeAll(async () => {
    test = await withDatabase();
    github = await emulated('github');
    const { id } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
    house = new ConnectorHouse(test.database, id);
    await house.connect({ name: 'octo', provider: 'github', baseUrls: [github.url] });
    octokit = new Octokit({ baseUrl: github.url, auth: 'ghp_seen' });
    ({ sha } = (await octokit.repos.getCommit({ ...REPO, ref: 'main' })).data);
    await octokit.git.createRef({ ...REPO, ref: 'refs/heads/grow', sha });
    const content = Buffer.from('40 GB').toString('base64');
    await octokit.repos.createOrUpdateFileContents({ ...REPO, path: 'size', message: 'grow', content, branch: 'grow' });
  }, 90_000);
  beforeEach(() => house.closeCircuits());
  afterAll(async () => {
    await github.stop();
    await house.close();
    await test.close();
  });

  const call = (name: string, given: { [field: string]: Json }, runId = uuidv7()) =>
    house.attempt(`github.${name}`, { repo: 'octo/shop', ...given }, { runId, timeoutMs: 30_000 });
  const outputOf = async <T = { number: number; url: string }>(
    name: string,
    given: { [field: string]: Json },
    runId?: string,
  ) => {
    const tried = await call(name, given, runId);
    expect(tried).toMatchObject({ outcome: { output: expect.anything() } });
    return (tried as { outcome: { output: T } }).outcome.output;
  };

  it('has issues with labels and comments, whose marks nobody sees', async () => {
    const { number, url } = await outputOf('createIssue', { title: 'disk full', body: 'db-3', labels: ['incident'] });
    expect(url).toMatch(new RegExp(`/octo/shop/issues/${number}$`));
    await outputOf('addComment', { number, body: 'on it' });
    expect(await outputOf<{ labels: string[] }>('addLabels', { number, labels: ['triaged'] })).toEqual({
      labels: ['incident', 'triaged'],
    });
    const { data } = await octokit.issues.get({ ...REPO, issue_number: number });
    expect(data).toMatchObject({
      title: 'disk full',
      body: expect.stringMatching(/^db-3\n\n<!-- brikk:[0-9a-f]{32} -->$/),
    });
    const { data: comments } = await octokit.issues.listComments({ ...REPO, issue_number: number });
    expect(comments).toMatchObject([{ body: expect.stringMatching(/^on it\n\n<!--/) }]);
  });

  it.each([
    ['createIssue', /POST .*\/issues$/, { title: 'once' }, 'number'],
    ['openPullRequest', /POST .*\/pulls$/, { title: 'once', head: 'grow', base: 'main' }, 'number'],
    ['createCheck', /POST .*\/check-runs$/, { name: 'once', conclusion: 'success', title: 'fine' }, 'id'],
  ])('makes one of %s though the answer is lost', async (name, request, given, named) => {
    const runId = uuidv7();
    const whole = name === 'createCheck' ? { ...given, sha } : given;
    const before = github.proxy.count(request);
    github.proxy.next(request, { kind: 'dropped' });
    expect(await call(name, whole, runId)).toMatchObject({ type: 'connector.unavailable' });
    const found = await outputOf<Record<string, number>>(name, whole, runId);
    expect(found[named]).toBeGreaterThan(0);
    expect(github.proxy.count(request)).toBe(before + 1);
  });

  it('has a comment once though the answer is lost among many others', async () => {
    const { number } = await outputOf('createIssue', { title: 'busy' });
    const runId = uuidv7();
    const given = { number, body: 'once' };
    github.proxy.next(/POST .*\/comments$/, { kind: 'dropped' });
    expect(await call('addComment', given, runId)).toMatchObject({ type: 'connector.unavailable' });
    const others = Array.from({ length: 105 }, (_, n) => ({ ...REPO, issue_number: number, body: `${n}` }));
    await Promise.all(others.map((other) => octokit.issues.createComment(other)));
    await outputOf('addComment', given, runId);
    const all = await octokit.paginate(octokit.issues.listComments, { ...REPO, issue_number: number, per_page: 100 });
    expect(all.filter(({ body }) => body?.startsWith('once'))).toHaveLength(1);
    expect(all).toHaveLength(106);
  });

  it('is looked at before an issue is made again after 503, which it is when it is not there', async () => {
    const runId = uuidv7();
    github.proxy.next(/POST .*\/issues$/, { kind: 'status', status: 503 });
    expect(await call('createIssue', { title: 'after the outage' }, runId)).toMatchObject({ laterMs: 1_000 });
    const looks = github.proxy.count(/GET .*\/issues\?/);
    await outputOf('createIssue', { title: 'after the outage' }, runId);
    expect(github.proxy.count(/GET .*\/issues\?/)).toBe(looks + 1);
  });

  it('does not hear a dispatch again of which nobody knows whether it came', async () => {
    const runId = uuidv7();
    const given = { eventType: 'deploy', payload: { version: '1.4.0' } };
    github.proxy.next(/POST .*\/dispatches$/, { kind: 'reset' });
    expect(await call('dispatch', given, runId)).toMatchObject({ type: 'connector.unavailable' });
    expect(await call('dispatch', given, runId)).toMatchObject({ outcome: { error: { code: 'connector.conflict' } } });
    expect(github.proxy.count(/POST .*\/dispatches$/)).toBe(1);
  });

  it('tells of its limits in three ways', async () => {
    const limits: Record<string, string>[] = [
      { 'retry-after': '7' },
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 60) },
    ];
    for (const headers of limits)
      for (const status of [403, 429]) {
        github.proxy.next(/POST .*\/issues$/, { kind: 'status', status, headers });
        const tried = await call('createIssue', { title: 'too many' });
        expect(tried).toMatchObject({ type: 'connector.rate_limited' });
        expect((tried as { laterMs: number }).laterMs).toBeGreaterThanOrEqual(7_000);
      }
  });

  it.each([
    [{ repo: 'octo/none' }, 'connector.not_found'],
    [{ repo: 'octo' }, 'connector.validation'],
  ])('names what is wrong: %j', async (given, code) => {
    expect(await call('createIssue', { title: 'x', ...given })).toMatchObject({
      outcome: { error: { code, retryable: false } },
    });
  });
});
