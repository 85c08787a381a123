import { z } from 'zod';
import { approvalOnFailure } from './approvals.js';
import { namesTarget, TARGET_NEEDED } from './call-target.js';
import { type AgentTask, agentTaskSchema } from './calls.js';

export type AgentParams = AgentTask & { onFailure: 'fail' | 'continue' };

/**
 * `agent`: one call. With `onFailure: continue` a failed call ends `partial` with output null; with `approval` a person
 * says what becomes of it.
 */
export const agentParamsSchema: z.ZodType<AgentParams> = agentTaskSchema
  .extend({ onFailure: z.enum(['fail', 'continue', 'approval']).default('fail') })
  .refine(namesTarget, TARGET_NEEDED)
  .transform(({ onFailure, ...task }): AgentParams =>
    onFailure === 'approval'
      ? { ...task, onFailure: 'fail', approval: approvalOnFailure(task.approval) }
      : { ...task, onFailure },
  )
  .meta({ id: 'AgentParams' });
