import { z } from 'zod';
import { type AgentTask, agentTaskSchema, namesOneTarget, ONE_TARGET } from './calls.js';

export type AgentParams = AgentTask & { onFailure: 'fail' | 'continue' };

/** `agent`: one call. With `onFailure: continue` a failed call ends `partial` with output null. */
export const agentParamsSchema: z.ZodType<AgentParams> = agentTaskSchema
  .extend({ onFailure: z.enum(['fail', 'continue']).default('fail') })
  .refine(namesOneTarget, ONE_TARGET)
  .meta({ id: 'AgentParams' });
