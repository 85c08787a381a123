import { z } from 'zod';
import { serveAgent, TaskRejected } from '../../sdk/agent.js';
import { objectionsTo, type Report } from '../algorithms/incident-report.js';
import { reportSchema } from '../algorithms/report-schema.js';

const review = z.object({ draft: reportSchema });

await serveAgent({
  name: 'checker',
  version: '1.0.0',
  description: 'Approves the report on an incident, or says why it may not go out.',
  capabilities: {
    'check-report': {
      input: reportSchema,
      handler: verdictOn,
      decide: (call) => {
        const asked = review.safeParse(call);
        if (!asked.success) throw new TaskRejected('there is no report to check');
        return verdictOn(asked.data.draft);
      },
    },
  },
});

function verdictOn(draft: Report) {
  const reasons = objectionsTo(draft);
  return { approve: reasons.length === 0, reasons };
}
