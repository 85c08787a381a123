import { z } from 'zod';
import { serveAgent, TaskRejected } from '../../sdk/agent.js';
import { planTasks } from '../algorithms/planning.js';

const call = z.object({
  goal: z.string(),
  allow: z.array(z.string()),
  maxTasks: z.number(),
  failed: z.array(z.object({ capability: z.string() })),
});

await serveAgent({
  name: 'planner',
  version: '1.0.0',
  description: 'Plans by rules which of the allowed capabilities serve a goal, and in which order.',
  capabilities: {
    planner: {
      plan: (question) => {
        const asked = call.safeParse(question);
        if (!asked.success) throw new TaskRejected('a plan needs a goal and the capabilities that are allowed');
        return { tasks: planTasks(asked.data) };
      },
      handler: () => {
        throw new TaskRejected('the planner plans; it does no tasks');
      },
    },
  },
});
