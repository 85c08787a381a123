import { createEmulator } from 'emulate';
import { ask, eventually, freePort, outputOf, say, startedBy } from '../brikk-api.js';
import { JiraStandIn } from './jira.js';
import { openIssue, press, question } from './people.js';
import { setUp } from './set-up.js';

const CHANNEL = 'C000000001';

const [githubPort, slackPort, jiraPort] = [await freePort(), await freePort(), await freePort()];
const at = (port: number) => `http://127.0.0.1:${port}`;
const repository = { users: [{ login: 'octo' }], repos: [{ owner: 'octo', name: 'shop', auto_init: true }] };
const jira = new JiraStandIn();
await jira.listen(jiraPort);
const emulators = [
  await createEmulator({
    service: 'github',
    port: githubPort,
    baseUrl: at(githubPort),
    seed: { github: repository },
  }),
  await createEmulator({ service: 'slack', port: slackPort, baseUrl: at(slackPort) }),
];
try {
  const github = { url: at(githubPort), token: 'ghp_example' };
  const slack = { url: `${at(slackPort)}/api`, token: 'xoxb-example' };
  const places = { github, slack, jira: { url: at(jiraPort), username: 'ada@example.com', token: 'jira-example' } };
  const sources = await setUp(ask, { ...places, channel: CHANNEL, project: 'OPS' });
  const number = await openIssue(github, sources.github, {
    title: 'Disk full on db-3',
    body: 'No orders are accepted since 03:14.',
  });
  say(`GitHub: octo/shop#${number} is opened.`);
  const id = await startedBy(sources.github);
  say(`Brikk:  run ${id} has begun.`);
  const asked = await eventually(() => question(slack, CHANNEL));
  for (const { key, summary, labels } of jira.tickets) say(`Jira:   ${key} (${labels[0]}): ${summary}`);
  say('Slack:  the question is in the thread; somebody presses Approve.');
  await press(sources.slack, asked, 'approve');
  say(`Brikk:  completed: ${JSON.stringify(await outputOf(id))}`);
  const issue = `${github.url}/repos/octo/shop/issues/${number}`;
  const comments = (await (await fetch(`${issue}/comments`)).json()) as { body: string }[];
  for (const { body } of comments) say(`GitHub: ${body.split('\n')[0]}`);
} finally {
  await Promise.all(emulators.map((emulator) => emulator.close()));
  jira.close();
}
