import type { Source } from '../brikk-api.js';

interface GitHub {
  url: string;
  token: string;
}

/** Somebody opens a pull request with these files; GitHub signs what it tells of it. Answers its number. */
export async function openPullRequest(
  github: GitHub,
  { url, secret }: Source,
  { branch, title, files }: { branch: string; title: string; files: Record<string, string> },
): Promise<number> {
  const config = { url, secret, content_type: 'json' };
  await call(github, 'POST', '/hooks', { name: 'web', active: true, events: ['pull_request'], config });
  const { object } = await call<{ object: { sha: string } }>(github, 'GET', '/git/ref/heads/main');
  await call(github, 'POST', '/git/refs', { ref: `refs/heads/${branch}`, sha: object.sha });
  for (const [path, text] of Object.entries(files)) {
    const content = Buffer.from(text).toString('base64');
    await call(github, 'PUT', `/contents/${path}`, { message: title, content, branch });
  }
  return (await call<{ number: number }>(github, 'POST', '/pulls', { title, head: branch, base: 'main' })).number;
}

/** What was said of it: comments without what only machines read, and labels. */
export async function saidOf(github: GitHub, number: number): Promise<{ comments: string[]; labels: string[] }> {
  const comments = await call<{ body: string }[]>(github, 'GET', `/issues/${number}/comments`);
  const { labels } = await call<{ labels: { name: string }[] }>(github, 'GET', `/pulls/${number}`);
  return {
    comments: comments.map(({ body }) => body.split('\n')[0] ?? ''),
    labels: labels.map(({ name }) => name),
  };
}

async function call<Answer>({ url, token }: GitHub, method: string, path: string, body?: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/repos/octo/shop${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
