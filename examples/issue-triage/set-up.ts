import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** Asks Brikk's API; fails when it refuses. */
export type Ask = <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>;

/** What the example reaches: the services themselves, or stand-ins for them. */
export interface Outside {
  github: { url: string; token: string };
  slack: { url: string; token: string };
  /** The channel of Slack where issues are told. */
  channel: string;
}

export interface Source {
  id: string;
  name: string;
  url: string;
  /** For the form of the provider. */
  secret: string;
}

const DEFINITION = new URL('../definitions/issue-triage.yaml', import.meta.url);

/** Connections, sources of webhooks and the definition; what has one of the names is replaced. */
export async function setUp(ask: Ask, { github, slack, channel }: Outside): Promise<{ github: Source; slack: Source }> {
  const { items: connections } = await ask<{ items: { id: string; name: string }[] }>(
    'GET',
    '/v1/connections?limit=200',
  );
  const { items: sources } = await ask<{ items: Source[] }>('GET', '/v1/webhook-sources?limit=200');
  for (const [provider, { url, token }] of Object.entries({ github, slack })) {
    for (const { id, name } of connections) if (name === provider) await ask('DELETE', `/v1/connections/${id}`);
    for (const { id, name } of sources) if (name === provider) await ask('DELETE', `/v1/webhook-sources/${id}`);
    const auth = { kind: 'bearer', token };
    await ask('POST', '/v1/connections', { name: provider, provider, baseUrls: [url], auth });
  }
  await ask('POST', '/v1/workflows', parse(await readFile(DEFINITION, 'utf8')));
  return {
    github: await ask<Source>('POST', '/v1/webhook-sources', issuesOpened(channel)),
    slack: await ask<Source>('POST', '/v1/webhook-sources', BUTTONS),
  };
}

/** An issue that is opened starts a run. */
const issuesOpened = (channel: string) => ({
  name: 'github',
  provider: 'github',
  routes: [
    {
      name: 'opened',
      when: '$headers["x-github-event"] == "issues" and .action == "opened"',
      action: 'start',
      workflow: 'support/issue-triage',
      input: `{repo: .repository.full_name, channel: ${JSON.stringify(channel)}} + (.issue | {number, title, body: (.body // ""), url: .html_url})`,
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
