import { z } from 'zod';
import { approvalOnFailure } from './approvals.js';
import { namesTarget, TARGET_NEEDED } from './call-target.js';
import { type AgentTask, agentTaskSchema, type CallOptions, callOptionsShape } from './calls.js';
import { expressionSchema } from './templates.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';
import type { MemoryTask } from './memory-tasks.js';
import type { StepSchema, Task } from './tasks.js';

export interface StepExtras {
  name: string;
  skipIf?: string;
  exitIf?: string;
  compensate?: Undo;
}
export type Undo = Omit<AgentTask, 'outputSchema' | 'approval'>;
export type Step = (Task | MemoryTask) & StepExtras;

export type SequentialParams = CallOptions & {
  steps: Step[];
  input?: Json;
  chain: 'last' | 'full';
  onFailure: 'fail' | 'continue' | 'compensate';
  outputSchema?: SchemaDocument;
};

const undoSchema: z.ZodType<Undo> = agentTaskSchema
  .omit({ outputSchema: true, approval: true })
  .refine(namesTarget, TARGET_NEEDED);

const stepExtras = {
  name: nameSchema,
  skipIf: expressionSchema.optional().describe('jq over the step input; true leaves the step out.'),
  exitIf: expressionSchema.optional().describe('jq over the step output; true ends the pattern with it.'),
  compensate: undoSchema.optional().describe('Undoes the step when a later one fails under onFailure: compensate.'),
};
/**
 * `sequential`: each step gets the output of the one before (`chain: full`: the object of all outputs by step name).
 * `onFailure: continue` leaves the failed step out; `compensate` undoes completed steps in reverse order;
 * `approval` asks a person what becomes of the failed step.
 */
export const sequentialParamsSchema = (taskSchema: StepSchema): z.ZodType<SequentialParams> =>
  z
    .strictObject({
      ...callOptionsShape,
      steps: z.array(taskSchema<StepExtras>(stepExtras)).min(1).max(1_000),
      input: jsonSchema.optional(),
      chain: z.enum(['last', 'full']).default('last'),
      onFailure: z.enum(['fail', 'continue', 'compensate', 'approval']).default('fail'),
      outputSchema: schemaDocumentSchema.optional(),
    })
    .refine(({ steps }) => new Set(steps.map(({ name }) => name)).size === steps.length, {
      path: ['steps'],
      message: 'step names must be unique',
    })
    .transform(({ onFailure, steps, ...rest }): SequentialParams => {
      if (onFailure !== 'approval') return { ...rest, steps, onFailure };
      const asking = steps.map((step): Step =>
        'call' in step ? step : { ...step, approval: approvalOnFailure(step.approval) },
      );
      return { ...rest, steps: asking, onFailure: 'fail' };
    })
    .meta({ id: 'SequentialParams' });
