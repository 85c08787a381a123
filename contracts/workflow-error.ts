import { z } from 'zod';

/** A failure as definitions see it: problem details (RFC 7807). */
export const workflowErrorSchema = z.object({
  type: z.string().describe('URI.'),
  status: z.number(),
  title: z.string(),
  detail: z.string().optional(),
  instance: z.string().describe('JSON pointer of the task it comes from: `/do/0/order/try/0/pay`.'),
});
export type WorkflowError = z.infer<typeof workflowErrorSchema>;
