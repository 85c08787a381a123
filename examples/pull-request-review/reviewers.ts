import { pino } from 'pino';
import { z } from 'zod';
import { type RunningAgent, serveAgent } from '../../sdk/agent.js';
import { heed, reviewHazards, reviewSize, reviewTests } from '../algorithms/review.js';

const REVIEWERS = { 'size-reviewer': reviewSize, 'test-reviewer': reviewTests, 'hazard-reviewer': reviewHazards };

const change = z.object({
  files: z.array(z.object({ path: z.string(), additions: z.int(), deletions: z.int(), patch: z.string() })),
});
const votes = z.array(z.object({ vote: z.unknown(), reason: z.string().optional() }));
/** The change itself, or from the second round on with what the others said. */
const question = z.union([
  change.transform(({ files }) => ({ files, votes: [] })),
  z.object({ input: change, votes }).transform(({ input, votes: said }) => ({ files: input.files, votes: said })),
]);

/** Three agents with one capability: each looks at a change in its own way, and hears the others. */
export const serveReviewers = (): Promise<RunningAgent[]> =>
  Promise.all(
    Object.entries(REVIEWERS).map(([name, review]) =>
      serveAgent({
        name,
        version: '1.0.0',
        ownsProcess: false,
        log: pino({ level: 'warn' }),
        capabilities: {
          'pull-request-review': {
            input: question,
            handler: ({ files, votes: said }) => heed(review(files), said),
          },
        },
      }),
    ),
  );
