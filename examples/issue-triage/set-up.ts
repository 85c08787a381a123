import { type Ask, publish, renew, type Source } from '../brikk-api.js';

/** What the example reaches: the services themselves, or stand-ins for them. */
export interface Outside {
  github: { url: string; token: string };
  slack: { url: string; token: string };
  jira: { url: string; username: string; token: string };
  /** The channel of Slack where issues are told, and the project of Jira that has their tickets. */
  channel: string;
  project: string;
}

/** Connections, sources of webhooks and the definition; what has one of the names is replaced. */
export async function setUp(
  ask: Ask,
  { github, slack, jira, channel, project }: Outside,
): Promise<{ github: Source; slack: Source }> {
  for (const [provider, { url, token }] of Object.entries({ github, slack }))
    await renew(ask, 'connections', {
      name: provider,
      provider,
      baseUrls: [url],
      auth: { kind: 'bearer', token },
    });
  const auth = { kind: 'basic', username: jira.username, password: jira.token };
  await renew(ask, 'connections', { name: 'jira', provider: 'jira', baseUrls: [jira.url], auth });
  await publish(ask, 'issue-triage');
  return {
    github: await renew<Source>(ask, 'webhook-sources', issuesOpened({ channel, project })),
    slack: await renew<Source>(ask, 'webhook-sources', BUTTONS),
  };
}

/** An issue that is opened starts a run. */
const issuesOpened = (where: Pick<Outside, 'channel' | 'project'>) => ({
  name: 'github',
  provider: 'github',
  routes: [
    {
      name: 'opened',
      when: '$headers["x-github-event"] == "issues" and .action == "opened"',
      action: 'start',
      workflow: 'support/issue-triage',
      input: `{repo: .repository.full_name} + ${JSON.stringify(where)} + (.issue | {number, title, body: (.body // ""), url: .html_url})`,
    },
    { name: 'rest', action: 'drop' },
  ],
});

/** A button that is pressed is an event, which the run with the same `about` waits for. */
const BUTTONS = {
  name: 'slack',
  provider: 'slack',
  routes: [
    {
      name: 'pressed',
      when: '.type == "block_actions"',
      action: 'event',
      type: 'com.slack.pressed',
      data: '(.actions[0].value | fromjson) + {by: .user.id}',
    },
  ],
};
