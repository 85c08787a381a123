import { z } from 'zod';

const problemSchema = z
  .object({
    line: z.int().optional().describe('From 1.'),
    column: z.int().optional().describe('From 1, in code points.'),
    path: z.string().describe('JSON pointer; empty for the whole document.'),
    code: z.string(),
    message: z.string(),
    allowed: z.array(z.string()).optional(),
    didYouMean: z.string().optional(),
  })
  .meta({ id: 'DefinitionProblem' });

/** What is wrong with a definition; warnings are what depends on the installation. */
export const definitionCheckSchema = z
  .object({ valid: z.boolean(), errors: z.array(problemSchema), warnings: z.array(problemSchema) })
  .meta({ id: 'DefinitionCheck' });
export type DefinitionCheck = z.infer<typeof definitionCheckSchema>;

/** A workflow definition in a request: what it may hold is the checker's business (`GET /v1/schema/workflow.json`). */
export const definitionDocumentSchema = z
  .looseObject({
    document: z.looseObject({ dsl: z.string(), namespace: z.string(), name: z.string(), version: z.string() }),
    do: z.array(z.record(z.string(), z.any())),
  })
  .meta({ id: 'WorkflowDefinition', description: 'Open Workflow Specification DSL 1.0.3.' });
