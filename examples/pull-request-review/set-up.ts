import { type Ask, publish, renew, type Source } from '../brikk-api.js';

/** The two ways to GitHub (its functions, and its API for what is read), the source and the definition. */
export async function setUp(ask: Ask, { url, token }: { url: string; token: string }): Promise<Source> {
  const common = { baseUrls: [url], auth: { kind: 'bearer', token } };
  await renew(ask, 'connections', { ...common, name: 'github', provider: 'github' });
  await renew(ask, 'connections', { ...common, name: 'github-api', provider: 'http' });
  await publish(ask, 'pull-request-review');
  return renew<Source>(ask, 'webhook-sources', {
    name: 'pull-requests',
    provider: 'github',
    routes: [
      {
        name: 'opened',
        when: '$headers["x-github-event"] == "pull_request" and (.action | test("^(opened|synchronize|reopened)$"))',
        action: 'start',
        workflow: 'support/pull-request-review',
        input: '{repo: .repository.full_name} + (.pull_request | {number, base: .base.ref, head: .head.ref})',
      },
      { name: 'rest', action: 'drop' },
    ],
  });
}
