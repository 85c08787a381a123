import { z } from 'zod';
import { type AgentSession, serveAgent } from '../../sdk/agent.js';
import { findChromium, NO_CHROMIUM } from './chromium.js';
import { actionSchema, savedTabSchema, Tab } from './tab.js';

const session = z.string().describe('What the callers of one browser call it.');
const chromium = findChromium();
const canHandle = () => chromium !== undefined || NO_CHROMIUM;

/** The browser of the session: the one that this process holds, else a new one as it was saved last. */
const tabOf = (held: AgentSession): Promise<Tab> =>
  held.hold(
    (saved) => Tab.open(chromium!, saved === null ? undefined : savedTabSchema.parse(saved)),
    (tab) => tab.close(),
  );

await serveAgent({
  name: 'browser',
  version: '1.0.0',
  description: 'Opens pages in a browser and acts on them; who calls it by the same session has the same browser.',
  ttlSeconds: 5,
  capabilities: {
    'open-page': {
      type: 'browser',
      input: z.object({ session, url: z.url({ protocol: /^https?$/ }) }),
      canHandle,
      handler: async ({ session: key, url }, context) => {
        const held = await context.session(key);
        const tab = await tabOf(held);
        await tab.goTo(url);
        await held.save(await tab.saved());
        return tab.read();
      },
    },
    'act-on-page': {
      type: 'browser',
      input: z.object({ session, actions: z.array(actionSchema).min(1).max(50) }),
      canHandle,
      handler: async ({ session: key, actions }, context) => {
        const held = await context.session(key);
        const tab = await tabOf(held);
        await tab.act(actions, context.deadlineMs);
        await held.save(await tab.saved());
        return tab.read();
      },
    },
  },
});
