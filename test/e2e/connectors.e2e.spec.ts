import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { trainTriage, type TriageSample } from '../../examples/algorithms/triage.js';
import { JiraStandIn } from '../../examples/issue-triage/jira.js';
import { openIssue, press, question } from '../../examples/issue-triage/people.js';
import { setUp } from '../../examples/issue-triage/set-up.js';
import { readData } from '../../examples/read-data.js';
import type { Connection } from '../../contracts/connections.js';
import type { Json } from '../../contracts/json.js';
import type { Run } from '../../contracts/runs.js';
import { Authority } from '../support/authority.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { OutsideSystem } from '../support/connections.js';
import { CountingAgent } from '../support/counting-agent.js';
import { emulated, type Emulated } from '../support/emulators.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const CHANNEL = 'C000000001';

describe('connectors with the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  let github: Emulated;
  let slack: Emulated;
  let jiraUrl: string;
  const jira = new JiraStandIn();
  beforeAll(async () => {
    const triage = trainTriage(readData<TriageSample[]>('triage-training'));
    agent = await CountingAgent.listen(0, (input) => triage((input as { text: string }).text) as unknown as Json);
    [brikk, github, slack] = await Promise.all([LaunchedBrikk.up(), emulated('github'), emulated('slack')]);
    const port = await freePort();
    await jira.listen(port);
    jiraUrl = `http://127.0.0.1:${port}`;
    await brikk.register('triage', 'triage', agent.url);
  });
  afterAll(async () => {
    jira.close();
    await Promise.all([brikk?.down(), agent?.close(), github?.stop(), slack?.stop()]);
  });

  it('turn a signed delivery into a thread in Slack, and a pressed button into a comment, each once though answers are lost', async () => {
    const places = {
      github: { url: github.url, token: 'ghp_e2e' },
      slack: { url: `${slack.url}/api`, token: 'xoxb-e2e' },
      jira: { url: jiraUrl, username: 'ada', token: 'jira-e2e' },
    };
    const sources = await setUp((method, path, body) => brikk.call(method, path, body), {
      ...places,
      channel: CHANNEL,
      project: 'OPS',
    });
    slack.proxy.next(/chat\.postMessage/, { kind: 'dropped' });
    github.proxy.next(/POST .*\/comments$/, { kind: 'dropped' });
    const issue = { title: 'Disk full on db-3', body: 'No orders are accepted.' };
    const number = await openIssue(places.github, sources.github, issue);
    await until(async () => (await question(places.slack, CHANNEL)) !== undefined, 60_000);
    const asked = await question(places.slack, CHANNEL);
    expect(await press({ ...sources.slack, secret: 'not-the-secret' }, asked!, 'approve')).toBe(401);
    expect(await press(sources.slack, asked!, 'approve')).toBe(200);
    const { items } = await brikk.call<{ items: Run[] }>('GET', '/v1/runs?label=webhook=github');
    expect(items).toHaveLength(1);
    const run = await brikk.finished(items[0]!.id);
    expect(run).toMatchObject({ status: 'completed', output: { about: `octo/shop#${number}`, choice: 'approve' } });
    expect(jira.tickets).toEqual([expect.objectContaining({ key: 'OPS-1', summary: issue.title, comments: 1 })]);
    const comments = await ask<{ body: string }[]>(`${github.url}/repos/octo/shop/issues/${number}/comments`);
    expect(comments.map(({ body }) => body.split('\n')[0])).toEqual(['The team on call looks into it.']);
    const { labels } = await ask<{ labels: { name: string }[] }>(`${github.url}/repos/octo/shop/issues/${number}`);
    expect(labels.length).toBe(2);
    const { messages = [] } = await new WebClient('xoxb-seen', {
      slackApiUrl: `${slack.url}/api/`,
    }).conversations.history({
      channel: CHANNEL,
    });
    expect(messages.filter(({ text }) => text?.includes(issue.title))).toMatchObject([{ reply_count: 2 }]);
    const told = JSON.stringify([run, await brikk.events(run.id)]);
    expect(told).not.toMatch(/ghp_e2e|xoxb-e2e|jira-e2e/);
  });

  it('are authorised by a person in a browser, from the command line, and called with the token that this gives', async () => {
    const [authority, shop] = await Promise.all([Authority.start(), OutsideSystem.start()]);
    try {
      const { auth } = authority;
      await brikk.call('POST', '/v1/connections', { name: 'crm', provider: 'http', baseUrls: [shop.origin], auth });
      const { items } = await brikk.call<{ items: Connection[] }>('GET', '/v1/connections');
      const { id } = items.find(({ name }) => name === 'crm')!;
      const { url } = await brikk.call<{ url: string }>('POST', `/v1/connections/${id}/authorize`);
      const back = await authority.agree(url);
      const page = await fetch(back);
      expect([page.status, await page.text()]).toEqual([
        200,
        expect.stringMatching(/The connection crm is authorised/),
      ]);
      expect((await fetch(back)).status).toBe(400);
      expect(JSON.parse(await brikk.brikk(['connections', 'test', 'crm', '-o', 'json']))).toMatchObject({ ok: true });
      expect(shop.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer access-1']);
    } finally {
      shop.stop();
      await authority.stop();
    }
  });

  const ask = async <T>(url: string): Promise<T> =>
    (await (await fetch(url, { headers: { authorization: 'Bearer seen' } })).json()) as T;
});
