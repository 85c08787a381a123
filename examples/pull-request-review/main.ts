import { createEmulator } from 'emulate';
import { ask, freePort, outputOf, say, startedBy } from '../brikk-api.js';
import { openPullRequest, saidOf } from './author.js';
import { serveReviewers } from './reviewers.js';
import { setUp } from './set-up.js';

const port = await freePort();
const github = { url: `http://127.0.0.1:${port}`, token: 'ghp_example' };
const repository = { users: [{ login: 'octo' }], repos: [{ owner: 'octo', name: 'shop', auto_init: true }] };
const emulator = await createEmulator({ service: 'github', port, baseUrl: github.url, seed: { github: repository } });
const reviewers = await serveReviewers();
try {
  const source = await setUp(ask, github);
  const files = { 'src/pay.ts': 'export const pay = (cents: number) => cents > 0;\n' };
  const number = await openPullRequest(github, source, { branch: 'pay', title: 'Refuse what costs nothing', files });
  say(`GitHub: octo/shop#${number} is opened, with ${Object.keys(files).join(', ')}.`);
  const id = await startedBy(source);
  say(`Brikk:  completed: ${JSON.stringify(await outputOf(id))}`);
  const { comments, labels } = await saidOf(github, number);
  say(`GitHub: ${labels.join(', ')}: ${comments.join(' ')}`);
} finally {
  await Promise.all([emulator.close(), ...reviewers.map((reviewer) => reviewer.stop())]);
}
