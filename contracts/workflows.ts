import { z } from 'zod';
import { definitionCheckSchema } from './checked-definition.js';
import { versionSchema } from './json.js';
import { pageQuerySchema } from './lists.js';

/** Namespaces and names of definitions: a DNS label, as the specification has it. */
export const workflowNameSchema = z
  .string()
  .regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/, 'must be 1 to 63 characters of A-Z a-z 0-9 -');

/** `namespace/name:version`; without a version the newest. */
export const workflowReferenceSchema = z
  .string()
  .max(200)
  .regex(
    /^[a-zA-Z0-9-]{1,63}\/[a-zA-Z0-9-]{1,63}(:[0-9A-Za-z.+-]{1,64})?$/,
    'must be namespace/name:version, or namespace/name for the newest version',
  );

/** A version of a definition; it never changes. */
export const workflowSchema = z
  .object({
    namespace: z.string(),
    name: z.string(),
    version: versionSchema,
    title: z.string().nullable(),
    summary: z.string().nullable().describe('Markdown.'),
    hash: z.string().describe('SHA-256 of the content, whatever its format and the order of its fields.'),
    createdAt: z.string().describe('RFC 3339'),
  })
  .meta({ id: 'Workflow' });
export type Workflow = z.infer<typeof workflowSchema>;

export const publishedWorkflowSchema = workflowSchema
  .extend({ warnings: definitionCheckSchema.shape.warnings.describe('What depends on the installation.') })
  .meta({ id: 'PublishedWorkflow' });
/** A version that was published, with what depends on the installation. */
export type PublishedWorkflow = z.infer<typeof publishedWorkflowSchema>;

export const listWorkflowsSchema = pageQuerySchema.extend({ namespace: workflowNameSchema.optional() });
export type ListWorkflows = z.infer<typeof listWorkflowsSchema>;
