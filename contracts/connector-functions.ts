import { z } from 'zod';
import { connectionNameSchema as connection } from './connection-name.js';
import { GITHUB_FUNCTIONS } from './github-functions.js';
import { JIRA_FUNCTIONS } from './jira-functions.js';
import { jsonSchema } from './json.js';
import type { ProviderName } from './providers.js';
import { SLACK_FUNCTIONS } from './slack-functions.js';

/** A function of the catalogue that a connector carries out. */
interface ConnectorFunctionText {
  provider: ProviderName;
  version: string;
  description: string;
  /** The page of the documentation. */
  docs: string;
  with: z.ZodObject;
  output: z.ZodType;
  /** Of `with`. */
  example: { [field: string]: unknown };
}

const headers = z
  .record(
    z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'must be the name of a header'),
    z.string().max(8_192),
  )
  .refine((given) => Object.keys(given).length <= 64, 'must be at most 64');

const httpRequestSchema = z.strictObject({
  connection,
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
  path: z
    .string()
    .max(8_192)
    .default('')
    .describe('Below the base URL of the connection; an absolute URL only to hosts that the connection allows.'),
  query: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .optional()
    .describe('Null: left out.'),
  headers: headers.optional(),
  body: jsonSchema.optional().describe('JSON, or text as the header content-type says.'),
  output: z.enum(['content', 'response']).default('content'),
});
export type HttpRequestWith = z.infer<typeof httpRequestSchema>;

const webhookSendSchema = z.strictObject({
  connection,
  type: z
    .string()
    .regex(/^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/, 'must be words of A-Z a-z 0-9 _ with dots between')
    .max(256),
  data: jsonSchema,
});
export type WebhookSendWith = z.infer<typeof webhookSendSchema>;

const MAX_RECIPIENTS = 100;
const mailbox = z
  .string()
  .max(512)
  .regex(/^[^\r\n]*@[^\r\n]*$/, 'must be an address such as ada@example.com or Ada <ada@example.com>');
const mailboxes = z.union([mailbox, z.array(mailbox).min(1).max(MAX_RECIPIENTS)]);
const oneLine = z
  .string()
  .max(998)
  .regex(/^[^\r\n]*$/, 'must be one line');
const body = z.string().max(1_048_576);

const emailSendSchema = z.strictObject({
  connection,
  to: mailboxes,
  cc: mailboxes.optional(),
  bcc: mailboxes.optional(),
  from: mailbox.optional().describe('In place of that of the connection.'),
  replyTo: mailbox.optional(),
  subject: oneLine,
  text: body.optional(),
  html: body.optional(),
  data: jsonSchema
    .optional()
    .describe('For places such as {{ order.id }} in subject, text and html, where it is escaped.'),
  inReplyTo: oneLine.optional().describe('The messageId of the message that this one answers.'),
  references: z.array(oneLine).max(50).optional().describe('Of the thread; inReplyTo unless said.'),
  headers: z.record(z.string().regex(/^X-[A-Za-z0-9-]{1,64}$/i, 'must begin with X-'), oneLine).optional(),
  attachments: z
    .array(
      z.strictObject({
        filename: oneLine,
        content: z.string().max(10_485_760),
        encoding: z.enum(['utf8', 'base64']).default('utf8'),
        contentType: oneLine.optional(),
      }),
    )
    .max(20)
    .optional(),
});
export type EmailSendWith = z.infer<typeof emailSendSchema>;

/** Every function that connectors carry out, by its name in the catalogue. */
export const CONNECTOR_FUNCTIONS = {
  'http.request': {
    provider: 'http',
    version: '1.0.0',
    description: 'One request to the system of a connection.',
    docs: 'docs/connections.md',
    with: httpRequestSchema,
    output: z
      .any()
      .describe('The content: JSON parsed, text as it is. With `output: response` `{statusCode, headers, content}`.'),
    example: { connection: 'shop', method: 'POST', path: '/orders', body: { item: 42 } },
  },
  'email.send': {
    provider: 'email',
    version: '1.0.0',
    description: 'One e-mail, also in a thread, from a template, with attachments.',
    docs: 'docs/connections.md',
    with: emailSendSchema,
    output: z.object({
      messageId: z.string().describe('For inReplyTo of what answers it.'),
      accepted: z.array(z.string()),
      rejected: z.array(z.string()),
    }),
    example: {
      connection: 'mail',
      to: 'ada@example.com',
      subject: 'Order {{ order.id }}',
      text: 'Thank you for order {{ order.id }}.',
      data: { order: { id: 42 } },
    },
  },
  'webhook.send': {
    provider: 'webhook',
    version: '1.0.0',
    description: 'One message, signed as Standard Webhooks says, to the URL of a connection.',
    docs: 'docs/connections.md',
    with: webhookSendSchema,
    output: z.object({ id: z.string().describe('The webhook-id.'), status: z.int() }),
    example: { connection: 'partner', type: 'order.paid', data: { order: 42 } },
  },
  ...SLACK_FUNCTIONS,
  ...GITHUB_FUNCTIONS,
  ...JIRA_FUNCTIONS,
} as const satisfies Record<string, ConnectorFunctionText>;

export type ConnectorFunction = keyof typeof CONNECTOR_FUNCTIONS;
