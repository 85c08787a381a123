import { serveAgent } from '../../sdk/agent.js';
import { OutsideServices } from './outside.js';
import { TEAM } from './team.js';

const PORT = 7_690;

const outside = new OutsideServices();
await outside.listen(PORT);
await Promise.all(
  TEAM.map(({ agent, capability, task, bid, plan, decide }) =>
    serveAgent({
      name: agent,
      version: '1.0.0',
      maxConcurrency: 100,
      capabilities: {
        [capability]: { handler: task, ...(bid && { bid }), ...(plan && { plan }), ...(decide && { decide }) },
      },
    }),
  ),
);
