import { z } from 'zod';
import { jsonSchema } from './json.js';
import { prioritySchema } from './priority.js';
import { runFields, startExtras, startRunSchema, type StartRun } from './runs.js';
import type { WorkflowParams } from './workflow-run.js';
import { workflowReferenceSchema } from './workflows.js';

/** What a start leaves out is as the definition says (`document.metadata.brikk`), else as for every run. */
const definitionExtras = {
  ...startExtras,
  priority: prioritySchema.optional().describe("The definition's unless said; normal where it says none."),
  deadlineMs: runFields.deadlineMs
    .unwrap()
    .optional()
    .describe("Milliseconds from acceptance until the run ends timed_out; the definition's unless said, else 7 days."),
};

/** `POST /v1/runs` with a definition in place; what it holds is checked by the language's own checker. */
export const startDefinitionSchema = z
  .strictObject({
    definition: z
      .record(z.string(), jsonSchema)
      .describe('A workflow definition of the Open Workflow Specification, DSL 1.0.0 to 1.0.3.'),
    ...definitionExtras,
  })
  .meta({ id: 'StartDefinition' });

/** `POST /v1/runs` with a definition that was published. */
export const startPublishedSchema = z
  .strictObject({ workflow: workflowReferenceSchema, ...definitionExtras })
  .meta({ id: 'StartPublished' });

/** The body of `POST /v1/runs`: a pattern, a definition, or the name of one. */
export const startBodySchema = z.union([startRunSchema, startDefinitionSchema, startPublishedSchema]);
export type StartBody = z.infer<typeof startBodySchema>;

/** A run that follows a definition, as it is accepted. */
export type StartWorkflow = {
  pattern: 'workflow';
  with: WorkflowParams;
  /** From its end until it is deleted; absent: it is kept. */
  retentionMs?: number;
} & Omit<StartRun, 'pattern' | 'with'>;
export type AcceptableRun = StartRun | StartWorkflow;
