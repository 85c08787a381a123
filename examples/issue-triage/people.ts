import { createHmac } from 'node:crypto';
import type { Source } from '../brikk-api.js';

interface Asked {
  ts: string;
  blocks?: { elements?: { action_id: string; value: string }[] }[];
}

/** Somebody opens an issue; GitHub signs what it tells of it. */
export async function openIssue(
  github: { url: string; token: string },
  { url, secret }: Source,
  issue: { title: string; body: string },
): Promise<number> {
  const config = { url, secret, content_type: 'json' };
  await post(github, '/repos/octo/shop/hooks', { name: 'web', active: true, events: ['issues'], config });
  const { number } = await post<{ number: number }>(github, '/repos/octo/shop/issues', issue);
  return number;
}

/** The question in a thread of Slack, once it is there. */
export async function question(slack: { url: string; token: string }, channel: string): Promise<Asked | undefined> {
  const { messages = [] } = await post<{ messages?: (Asked & { reply_count?: number })[] }>(
    slack,
    '/conversations.history',
    {
      channel,
    },
  );
  for (const { ts } of messages.filter(({ reply_count: replies = 0 }) => replies > 0)) {
    const thread = await post<{ messages?: Asked[] }>(slack, '/conversations.replies', { channel, ts });
    const asked = thread.messages?.find(
      ({ blocks }) => blocks?.some(({ elements }) => elements !== undefined) === true,
    );
    if (asked) return asked;
  }
  return undefined;
}

/** Somebody presses a button; the request is as Slack sends it (docs.slack.dev, Handling user interaction). */
export async function press({ url, secret }: Source, { ts, blocks = [] }: Asked, choice: string): Promise<number> {
  const buttons = blocks.flatMap(({ elements = [] }) => elements);
  const pressed = buttons.find(({ action_id: id }) => id === `brikk.${choice}`);
  if (!pressed) throw new Error(`there is no button ${choice}`);
  const payload = { type: 'block_actions', user: { id: 'U000000001' }, message: { ts }, actions: [pressed] };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const time = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex');
  const { status } = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${signature}`,
    },
    body,
  });
  return status;
}

async function post<Answer>(
  { url, token }: { url: string; token: string },
  path: string,
  body: object,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
