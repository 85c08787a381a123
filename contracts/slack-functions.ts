import { z } from 'zod';
import { connectionNameSchema } from './connection-name.js';
import { jsonSchema } from './json.js';

const channel = z
  .string()
  .regex(/^[CGDUW][A-Z0-9]{2,31}$/, 'must be the id of a channel or of a user, such as C0123456789')
  .describe("Of a channel (C…), or of a user (U…), who is written to directly. Slack's pages of each show it.");
const ts = z.string().regex(/^\d{1,12}\.\d{1,9}$/, 'must be the ts of a message, such as 1795336772.000001');
const text = z.string().min(1).max(40_000).describe("Slack's mrkdwn; what notifications show.");
const blocks = z.array(z.record(z.string(), jsonSchema)).min(1).max(50).optional().describe("Of Slack's Block Kit.");
const threadTs = ts.optional().describe('Of the message that it answers: it goes into its thread.');

const messageSchema = z.object({ channel: z.string(), ts: z.string().describe('The id of the message.') });

const postMessageSchema = z.strictObject({
  connection: connectionNameSchema,
  channel,
  text,
  blocks,
  threadTs,
  broadcast: z.boolean().default(false).describe('An answer in a thread that the channel sees, too.'),
});
export type PostMessageWith = z.infer<typeof postMessageSchema>;

const updateMessageSchema = z.strictObject({ connection: connectionNameSchema, channel, ts, text, blocks });
export type UpdateMessageWith = z.infer<typeof updateMessageSchema>;

const askApprovalSchema = z.strictObject({
  connection: connectionNameSchema,
  channel,
  text: z.string().min(1).max(3_000),
  about: z
    .string()
    .min(1)
    .max(255)
    .describe('Comes back with the button that was pressed: what the answer is found by.'),
  choices: z
    .array(
      z.strictObject({
        value: z.string().min(1).max(75),
        label: z.string().min(1).max(75),
        style: z.enum(['primary', 'danger']).optional(),
      }),
    )
    .min(1)
    .max(5)
    .default([
      { value: 'approve', label: 'Approve', style: 'primary' },
      { value: 'reject', label: 'Reject', style: 'danger' },
    ])
    .refine((given) => new Set(given.map(({ value }) => value)).size === given.length, 'must have different values'),
  threadTs,
});
export type AskApprovalWith = z.infer<typeof askApprovalSchema>;

const uploadFileSchema = z.strictObject({
  connection: connectionNameSchema,
  channel,
  filename: z.string().min(1).max(255),
  content: z.string().min(1).max(1_048_576),
  encoding: z.enum(['utf8', 'base64']).default('utf8').describe('Of the content.'),
  title: z.string().min(1).max(255).optional(),
  comment: z.string().min(1).max(4_000).optional().describe('The message that it comes with.'),
  threadTs,
});
export type UploadFileWith = z.infer<typeof uploadFileSchema>;

const findUserSchema = z.strictObject({
  connection: connectionNameSchema,
  email: z
    .string()
    .max(320)
    .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address'),
});
export type FindUserWith = z.infer<typeof findUserSchema>;

const common = { provider: 'slack', version: '1.0.0', docs: 'docs/connectors/slack.md' } as const;

/** Functions of the catalogue that write to Slack. */
export const SLACK_FUNCTIONS = {
  'slack.postMessage': {
    ...common,
    description: 'A message in a channel, a thread, or to a person.',
    with: postMessageSchema,
    output: messageSchema,
    example: { channel: 'C0123456789', text: 'The disk of db-3 is *full*.' },
  },
  'slack.updateMessage': {
    ...common,
    description: 'Replaces the text of a message.',
    with: updateMessageSchema,
    output: messageSchema,
    example: { channel: 'C0123456789', ts: '1795336772.000001', text: 'The disk of db-3 was full.' },
  },
  'slack.askApproval': {
    ...common,
    description: 'A question with buttons. Which one was pressed comes in as a webhook.',
    with: askApprovalSchema,
    output: messageSchema,
    example: { channel: 'C0123456789', text: 'Grow the volume of db-3?', about: 'INC-7' },
  },
  'slack.uploadFile': {
    ...common,
    description: 'A file in a channel or a thread.',
    with: uploadFileSchema,
    output: z.object({ id: z.string(), permalink: z.string().nullable() }),
    example: { channel: 'C0123456789', filename: 'report.md', content: '# Report' },
  },
  'slack.findUser': {
    ...common,
    description: 'The person with an e-mail address.',
    with: findUserSchema,
    output: z.object({ id: z.string(), name: z.string(), realName: z.string().nullable() }),
    example: { email: 'ada@example.com' },
  },
} as const;
