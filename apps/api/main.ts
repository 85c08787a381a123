import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from './app.js';
import { readSettings } from './env.js';
import { Draining } from './health/draining.js';

const settings = readSettings();
const app = await createApp(settings);

let isStopping = false;
const stop = async () => {
  if (isStopping) return;
  isStopping = true;
  app.get(Draining).begin();
  await sleep(settings.drainMs);
  await app.close();
  process.exit(0);
};
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
// A supervisor that was killed leaves no orphan; one that died before this line sends no event any more.
process.once('disconnect', () => void stop());
if (process.connected === false) process.exit(0);

await app.listen(settings.port, settings.host);
process.send?.({ type: 'ready', url: await app.getUrl() });
