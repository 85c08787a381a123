import { serveAgent } from '../sdk/agent.js';
import { nowMs } from './harness/clock.js';

/** When the process began, had its modules, and was called; by the clock of the machine. */
export interface Born {
  processAt: number;
  loadedAt: number;
  calledAt: number;
  calls: number;
}

// An agent as a template names it: it tells what became of its own start.
const loadedAt = nowMs();
let calls = 0;

await serveAgent({
  name: 'pool-agent',
  version: '1.0.0',
  capabilities: {
    'pool-agent': {
      handler: (): Born => ({ processAt: performance.timeOrigin, loadedAt, calledAt: nowMs(), calls: (calls += 1) }),
    },
  },
});
