import { z } from 'zod';
import { serveAgent } from '../../sdk/agent.js';
import { reportSchema } from '../algorithms/report-schema.js';
import { draftReport, reviseReport } from '../algorithms/incident-report.js';

const facts = z.object({
  title: z.string().optional(),
  text: z.string().max(262_144),
  severity: z.string().optional(),
});

await serveAgent({
  name: 'maker',
  version: '1.0.0',
  description: 'Drafts the report on an incident, and revises it by the reasons of its checkers.',
  capabilities: {
    'incident-report': {
      input: z.object({
        input: facts,
        draft: reportSchema.nullable().default(null),
        reviews: z.array(z.object({ reasons: z.array(z.string()).default([]) })).default([]),
      }),
      output: reportSchema,
      handler: ({ input, draft, reviews }) =>
        draft === null
          ? draftReport(input)
          : reviseReport(
              draft,
              reviews.flatMap(({ reasons }) => reasons),
            ),
    },
  },
});
