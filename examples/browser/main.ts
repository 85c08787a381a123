import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ask, outputOf, say } from '../brikk-api.js';
import { findChromium, NO_CHROMIUM } from './chromium.js';
import { Shop } from './shop.js';

if (findChromium() === undefined) {
  say(`The browser example is not run: ${NO_CHROMIUM}.`);
  process.exit(1);
}

const children: ChildProcess[] = [];
/** Who orders first is still waiting when its browser's agent is killed. */
let waiting = 0;
const shop = new Shop(async () => {
  waiting += 1;
  if (waiting > 1) return;
  say('Shop:   an order comes in; the agent that makes it is killed (SIGKILL).');
  first.kill('SIGKILL');
  say('Brikk:  the next instance of the agent takes the session over.');
  await start('browser');
});
const url = await shop.listen();
const first = await start('browser');
await start('reader');

try {
  const session = 'ada';
  const act = (name: string, ...actions: object[]) => ({
    name,
    capability: 'act-on-page',
    input: { session, actions },
  });
  const steps = [
    { name: 'open', capability: 'open-page', input: { session, url } },
    act('sign-in', { fill: '#name', with: 'Ada' }, { click: '#enter' }, { wait: '#tea' }),
    act('choose', { click: '#tea' }),
    act('order', { click: '#order' }, { wait: '#made' }),
    { name: 'read', capability: 'read-page', input: { session } },
  ];
  const { id } = await ask<{ id: string }>('POST', '/v1/runs', { pattern: 'sequential', with: { steps } });
  say(`Brikk:  run ${id} has begun: open, sign in, choose, order, and another agent reads.`);
  const { title, text } = (await outputOf(id)) as { title: string; text: string };
  say(`Reader: ${title}: ${text.replace(/\s+/g, ' ')}`);
  say(`Shop:   ${shop.orders.map(({ name, items }) => `${name} has ordered ${items.join(', ')}`).join('; ')}.`);
  const { items } = await ask<{ items: { id: string; handOvers: number }[] }>('GET', `/v1/sessions?key=${session}`);
  for (const { id: sessionId, handOvers } of items) {
    say(`Brikk:  hand-overs of the session: ${handOvers}.`);
    await ask('DELETE', `/v1/sessions/${sessionId}`);
  }
} finally {
  for (const child of children) child.kill('SIGTERM');
  shop.close();
}

/** An agent in a process of its own; resolves once it is registered. */
async function start(name: 'browser' | 'reader'): Promise<ChildProcess> {
  const program = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`the agent ${name} ended with ${code}`)));
  });
  return child;
}
