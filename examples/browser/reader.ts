import { z } from 'zod';
import { serveAgent, TaskRejected } from '../../sdk/agent.js';
import { BrikkClient } from '../../sdk/client.js';
import { findChromium, NO_CHROMIUM } from './chromium.js';
import { savedTabSchema, Tab } from './tab.js';

const chromium = findChromium();
const brikk = new BrikkClient();

await serveAgent({
  name: 'page-reader',
  version: '1.0.0',
  description: 'Reads the page at which the browser of a session stands, as whoever is signed in there.',
  ttlSeconds: 5,
  capabilities: {
    'read-page': {
      type: 'browser',
      input: z.object({ session: z.string() }),
      canHandle: () => chromium !== undefined || NO_CHROMIUM,
      handler: async ({ session }) => {
        // It looks at the session and does not open it: whoever has it goes on undisturbed.
        const tab = await Tab.open(chromium!, await savedBy('browser', session));
        try {
          return await tab.read();
        } finally {
          await tab.close();
        }
      },
    },
  },
});

async function savedBy(agent: string, key: string) {
  const { items } = await brikk.sessions.list({ key });
  for (const { id, agentId } of items) {
    const { name } = await brikk.agents.get(agentId);
    const { state } = await brikk.sessions.get(id);
    if (name === agent && state !== null) return savedTabSchema.parse(state);
  }
  throw new TaskRejected(`the agent ${agent} has saved nothing in a session ${key}`);
}
