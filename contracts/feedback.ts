import { z } from 'zod';

/** `POST /v1/runs/{id}/feedback`: how good a run was, or one of its calls. The last one of each caller stands. */
export const giveFeedbackSchema = z
  .strictObject({
    score: z.number().min(0).max(1).describe('0 useless, 1 as good as can be.'),
    callKey: z.string().min(1).max(1_024).optional().describe('Of one call; of the whole run unless said.'),
    comment: z.string().min(1).max(4_096).optional(),
  })
  .meta({ id: 'GiveFeedback' });
export type GiveFeedback = z.infer<typeof giveFeedbackSchema>;

export const feedbackSchema = z
  .object({
    callKey: z.string().optional(),
    score: z.number(),
    comment: z.string().optional(),
    by: z.string().describe('Id of the API key.'),
    at: z.string().describe('RFC 3339'),
  })
  .meta({ id: 'Feedback' });
/** What was said of a run, or of one of its calls. */
export type Feedback = z.infer<typeof feedbackSchema>;
