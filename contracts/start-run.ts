import { z } from 'zod';
import { jsonSchema } from './json.js';
import { startExtras, startRunSchema, type StartRun } from './runs.js';
import type { WorkflowParams } from './workflow-run.js';
import { workflowReferenceSchema } from './workflows.js';

/** `POST /v1/runs` with a definition in place; what it holds is checked by the language's own checker. */
export const startDefinitionSchema = z
  .strictObject({
    definition: z
      .record(z.string(), jsonSchema)
      .describe('A workflow definition of the Open Workflow Specification, DSL 1.0.0 to 1.0.3.'),
    ...startExtras,
  })
  .meta({ id: 'StartDefinition' });
export type StartDefinition = z.infer<typeof startDefinitionSchema>;

/** `POST /v1/runs` with a definition that was published. */
export const startPublishedSchema = z
  .strictObject({ workflow: workflowReferenceSchema, ...startExtras })
  .meta({ id: 'StartPublished' });

/** The body of `POST /v1/runs`: a pattern, a definition, or the name of one. */
export const startBodySchema = z.union([startRunSchema, startDefinitionSchema, startPublishedSchema]);
export type StartBody = z.infer<typeof startBodySchema>;

/** A run that follows a definition, as it is accepted. */
export type StartWorkflow = { pattern: 'workflow'; with: WorkflowParams } & Omit<StartDefinition, 'definition'>;
export type AcceptableRun = StartRun | StartWorkflow;
