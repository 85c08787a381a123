import { setTimeout as sleep } from 'node:timers/promises';
import { createEmulator } from 'emulate';
import { openIssue, press, question } from './people.js';
import { type Ask, setUp } from './set-up.js';

const GITHUB_PORT = 7_681;
const SLACK_PORT = 7_682;
const CHANNEL = 'C000000001';
const { BRIKK_API_URL: api = 'http://127.0.0.1:7600', BRIKK_API_KEY: key = '' } = process.env;

const ask: Ask = async <Answer>(method: string, path: string, body?: unknown) => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(`${api}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
};
const say = (line: string) => process.stdout.write(`${line}\n`);

const baseUrls = { github: `http://127.0.0.1:${GITHUB_PORT}`, slack: `http://127.0.0.1:${SLACK_PORT}` };
const repository = { users: [{ login: 'octo' }], repos: [{ owner: 'octo', name: 'shop', auto_init: true }] };
const emulators = [
  await createEmulator({
    service: 'github',
    port: GITHUB_PORT,
    baseUrl: baseUrls.github,
    seed: { github: repository },
  }),
  await createEmulator({ service: 'slack', port: SLACK_PORT, baseUrl: baseUrls.slack }),
];
try {
  const github = { url: baseUrls.github, token: 'ghp_example' };
  const slack = { url: `${baseUrls.slack}/api`, token: 'xoxb-example' };
  const sources = await setUp(ask, { github, slack, channel: CHANNEL });
  const number = await openIssue(github, sources.github, {
    title: 'Disk full on db-3',
    body: 'No orders are accepted since 03:14.',
  });
  say(`GitHub: octo/shop#${number} is opened.`);
  const { id } = await eventually(async () => {
    const { items } = await ask<{ items: { id: string }[] }>('GET', '/v1/runs?label=webhook=github&limit=1');
    return items[0];
  });
  say(`Brikk:  run ${id} has begun.`);
  const asked = await eventually(() => question(slack, CHANNEL));
  say('Slack:  the question is in the thread; somebody presses Approve.');
  await press(sources.slack, asked, 'approve');
  const ended = await eventually(async () => {
    const run = await ask<{ status: string; finishedAt: string | null; output: unknown }>('GET', `/v1/runs/${id}`);
    return run.finishedAt === null ? undefined : run;
  });
  say(`Brikk:  ${ended.status}: ${JSON.stringify(ended.output)}`);
  const issue = `${github.url}/repos/octo/shop/issues/${number}`;
  const comments = (await (await fetch(`${issue}/comments`)).json()) as { body: string }[];
  for (const { body } of comments) say(`GitHub: ${body.split('\n')[0]}`);
} finally {
  await Promise.all(emulators.map((emulator) => emulator.close()));
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > giveUpAt) throw new Error('nothing came of it within a minute');
    await sleep(200);
  }
}
