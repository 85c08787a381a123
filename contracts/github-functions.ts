import { z } from 'zod';
import { connectionNameSchema } from './connection-name.js';
import { jsonSchema } from './json.js';

const repo = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,39}\/[\w.-]{1,100}$/, 'must be owner/name')
  .describe('owner/name');
const number = z.int().min(1).describe('Of the issue or the pull request.');
const body = z.string().max(60_000).describe('Markdown.');
const head = { connection: connectionNameSchema, repo };
const label = z.string().min(1).max(50);

const createIssueSchema = z.strictObject({
  ...head,
  title: z.string().min(1).max(256),
  body: body.default(''),
  labels: z.array(label).max(100).optional(),
  assignees: z.array(z.string().min(1).max(39)).max(10).optional(),
});
export type CreateGithubIssueWith = z.infer<typeof createIssueSchema>;

const addCommentSchema = z.strictObject({ ...head, number, body: body.min(1) });
export type AddGithubCommentWith = z.infer<typeof addCommentSchema>;

const addLabelsSchema = z.strictObject({ ...head, number, labels: z.array(label).min(1).max(100) });
export type AddLabelsWith = z.infer<typeof addLabelsSchema>;

const branch = z.string().min(1).max(255);
const openPullRequestSchema = z.strictObject({
  ...head,
  title: z.string().min(1).max(256),
  head: branch.describe('The branch with the changes; owner:branch in a fork.'),
  base: branch.describe('The branch that takes them.'),
  body: body.default(''),
  draft: z.boolean().default(false),
});
export type OpenPullRequestWith = z.infer<typeof openPullRequestSchema>;

const CONCLUSIONS = ['success', 'failure', 'neutral', 'cancelled', 'timed_out', 'action_required', 'skipped'] as const;
const createCheckSchema = z
  .strictObject({
    ...head,
    name: z.string().min(1).max(255),
    sha: z.string().regex(/^[0-9a-f]{40}$/, 'must be the SHA of a commit'),
    status: z.enum(['queued', 'in_progress', 'completed']).default('completed'),
    conclusion: z.enum(CONCLUSIONS).optional(),
    title: z.string().min(1).max(255).optional(),
    summary: z.string().max(60_000).default('').describe('Markdown; shown with a title.'),
    detailsUrl: z
      .string()
      .max(2_048)
      .regex(/^https?:\/\/\S+$/, 'must be an http or https URL')
      .optional(),
  })
  .refine(({ status, conclusion }) => (status === 'completed') === (conclusion !== undefined), {
    path: ['conclusion'],
    message: 'goes with the status completed, and with no other',
  });
export type CreateCheckWith = z.infer<typeof createCheckSchema>;

const dispatchSchema = z.strictObject({
  ...head,
  eventType: z.string().min(1).max(100).describe('What workflows of GitHub Actions wait for.'),
  payload: z
    .record(z.string(), jsonSchema)
    .refine((given) => Object.keys(given).length <= 9, 'must be at most 9')
    .default({}),
});
export type DispatchWith = z.infer<typeof dispatchSchema>;

const common = { provider: 'github', version: '1.0.0', docs: 'docs/connectors/github.md' } as const;
const numbered = z.object({ number: z.int(), url: z.string().describe('Where people see it.') });

/** Functions of the catalogue that write to GitHub. */
export const GITHUB_FUNCTIONS = {
  'github.createIssue': {
    ...common,
    description: 'An issue.',
    with: createIssueSchema,
    output: numbered,
    example: { repo: 'octo/shop', title: 'Disk of db-3 is full', labels: ['incident'] },
  },
  'github.addComment': {
    ...common,
    description: 'A comment on an issue or a pull request.',
    with: addCommentSchema,
    output: z.object({ id: z.int(), url: z.string() }),
    example: { repo: 'octo/shop', number: 7, body: 'The volume was grown.' },
  },
  'github.addLabels': {
    ...common,
    description: 'Labels on an issue or a pull request; those that it has stay.',
    with: addLabelsSchema,
    output: z.object({ labels: z.array(z.string()).describe('All that it has.') }),
    example: { repo: 'octo/shop', number: 7, labels: ['triaged'] },
  },
  'github.openPullRequest': {
    ...common,
    description: 'A pull request.',
    with: openPullRequestSchema,
    output: numbered,
    example: { repo: 'octo/shop', title: 'Grow the volume', head: 'grow-volume', base: 'main' },
  },
  'github.createCheck': {
    ...common,
    description: 'A check run on a commit; takes a GitHub App.',
    with: createCheckSchema,
    output: z.object({ id: z.int(), url: z.string().nullable() }),
    example: { repo: 'octo/shop', name: 'review', sha: '0'.repeat(40), conclusion: 'success' },
  },
  'github.dispatch': {
    ...common,
    description: 'An event that workflows of GitHub Actions wait for.',
    with: dispatchSchema,
    output: z.object({ eventType: z.string() }),
    example: { repo: 'octo/shop', eventType: 'deploy', payload: { version: '1.4.0' } },
  },
} as const;
