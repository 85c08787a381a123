import { z } from 'zod';
import { connectionNameSchema } from './connection-name.js';
import { jsonSchema } from './json.js';

const head = { connection: connectionNameSchema };
const issue = z.string().regex(/^([A-Z][A-Z0-9_]{1,254}-\d{1,18}|\d{1,18})$/, 'must be a key such as OPS-7, or an id');
const rich = z
  .union([z.string().max(32_767), z.record(z.string(), jsonSchema)])
  .describe('A text; lines become paragraphs. Of Jira Cloud also a document of the Atlassian Document Format.');
const fields = z
  .record(z.string().regex(/^[A-Za-z][\w.-]{0,254}$/, 'must be the id of a field'), jsonSchema)
  .optional()
  .describe("Others, by their ids, in Jira's own form.");

const createIssueSchema = z.strictObject({
  ...head,
  project: z.string().regex(/^[A-Z][A-Z0-9_]{1,254}$/, 'must be the key of a project, such as OPS'),
  type: z.string().min(1).max(255).default('Task').describe('Of the issue, by its name.'),
  summary: z.string().min(1).max(255),
  description: rich.optional(),
  labels: z
    .array(z.string().regex(/^\S{1,255}$/, 'must be without spaces'))
    .max(50)
    .default([]),
  fields,
});
export type CreateJiraIssueWith = z.infer<typeof createIssueSchema>;

const addCommentSchema = z.strictObject({ ...head, issue, body: rich });
export type AddJiraCommentWith = z.infer<typeof addCommentSchema>;

const transitionSchema = z.strictObject({
  ...head,
  issue,
  to: z.string().min(1).max(255).describe('The name of the status; an issue that has it stays as it is.'),
  fields,
});
export type TransitionWith = z.infer<typeof transitionSchema>;

const searchSchema = z.strictObject({
  ...head,
  jql: z.string().min(1).max(10_000),
  fields: z.array(z.string().min(1).max(255)).max(100).default(['summary', 'status', 'labels']),
  limit: z.int().min(1).max(1_000).default(50),
});
export type SearchWith = z.infer<typeof searchSchema>;

const common = { provider: 'jira', version: '1.0.0', docs: 'docs/connectors/jira.md' } as const;
const createdSchema = z.object({ id: z.string(), key: z.string(), url: z.string().describe('Where people see it.') });

/** Functions of the catalogue that speak with Jira, Cloud and Data Center. */
export const JIRA_FUNCTIONS = {
  'jira.createIssue': {
    ...common,
    description: 'An issue.',
    with: createIssueSchema,
    output: createdSchema,
    example: { project: 'OPS', summary: 'Disk of db-3 is full', description: 'Seen at 03:14.' },
  },
  'jira.addComment': {
    ...common,
    description: 'A comment on an issue.',
    with: addCommentSchema,
    output: z.object({ id: z.string() }),
    example: { issue: 'OPS-7', body: 'The volume was grown.' },
  },
  'jira.transition': {
    ...common,
    description: 'Takes an issue to another status.',
    with: transitionSchema,
    output: z.object({ issue: z.string(), status: z.string() }),
    example: { issue: 'OPS-7', to: 'Done' },
  },
  'jira.search': {
    ...common,
    description: 'Issues that a query finds.',
    with: searchSchema,
    output: z.object({
      issues: z.array(z.object({ id: z.string(), key: z.string(), fields: z.record(z.string(), jsonSchema) })),
      more: z.boolean().describe('There are more than the limit.'),
    }),
    example: { jql: 'project = OPS AND status != Done ORDER BY created' },
  },
} as const;
