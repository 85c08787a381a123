import { z } from 'zod';
import { isReservedType, NOT_RESERVED } from './event-bus.js';
import { jsonSchema, labelsSchema, nameSchema } from './json.js';
import { PATTERNS } from './patterns.js';
import { startRunSchema, type StartRun } from './runs.js';
import { workflowReferenceSchema } from './workflows.js';

/** An expression of a source. */
export const jqSchema = z.string().min(1).max(10_000);
const when = jqSchema
  .optional()
  .describe('jq over the body, with $headers (lower-case names), $source and $id. The route fits when it holds.');
const head = { name: nameSchema.optional(), when };

const startSchema = z
  .strictObject({
    ...head,
    action: z.literal('start'),
    workflow: workflowReferenceSchema.optional(),
    pattern: z.enum(PATTERNS).optional().describe('In place of a workflow, as in POST /v1/runs.'),
    with: z.record(z.string(), jsonSchema).optional().describe('Parameters of the pattern.'),
    input: jqSchema.optional().describe('jq that gives the input; the body unless said.'),
    correlationId: jqSchema.optional().describe('jq that gives a text by which signals find the run.'),
    labels: labelsSchema.optional(),
  })
  .superRefine(({ workflow, pattern, with: parameters }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if ((workflow === undefined) === (pattern === undefined)) wrong('workflow', 'give either workflow or pattern');
    else if (pattern === undefined && parameters !== undefined) wrong('with', 'goes with pattern');
    else if (pattern !== undefined)
      for (const issue of startRunSchema.safeParse({ pattern, with: parameters ?? {} }).error?.issues ?? [])
        context.issues.push({ ...issue, input: parameters } as z.core.$ZodRawIssue);
  });

const signalSchema = z
  .strictObject({
    ...head,
    action: z.literal('signal'),
    signal: nameSchema,
    run: jqSchema.optional().describe('jq that gives the id of the run.'),
    correlationId: jqSchema.optional().describe('jq that gives the correlation id of the open runs that hear it.'),
    data: jqSchema.optional().describe('jq that gives what they hear; the body unless said.'),
  })
  .refine(({ run, correlationId }) => (run === undefined) !== (correlationId === undefined), {
    path: ['run'],
    message: 'give either run or correlationId',
  });

const eventSchema = z.strictObject({
  ...head,
  action: z.literal('event'),
  type: z
    .string()
    .regex(/^[A-Za-z0-9._:/-]{1,255}$/, 'must be 1 to 255 characters of A-Z a-z 0-9 . _ : / -')
    .refine((text) => !isReservedType(text), NOT_RESERVED)
    .describe('Of the event on the bus, such as com.github.issues.'),
  data: jqSchema.optional().describe('jq that gives the data; the body unless said.'),
  orderingKey: jqSchema.optional().describe('jq that gives a text.'),
});

const dropSchema = z.strictObject({ ...head, action: z.literal('drop') });

/** What becomes of an event from outside. The first route that fits has it. */
export const webhookRouteSchema = z
  .discriminatedUnion('action', [startSchema, signalSchema, eventSchema, dropSchema])
  .meta({ id: 'WebhookRoute' });
export type WebhookRoute = z.infer<typeof webhookRouteSchema>;

/** What a route starts: a workflow by its name, or a pattern with its parameters as they are written. */
export type RouteTarget = { workflow: string } | { pattern: string; with?: WebhookRouteOf<'start'>['with'] };
type WebhookRouteOf<Action extends WebhookRoute['action']> = Extract<WebhookRoute, { action: Action }>;

export const targetOf = ({ workflow, pattern, with: parameters }: WebhookRouteOf<'start'>): RouteTarget =>
  pattern === undefined ? { workflow: workflow ?? '' } : { pattern, ...(parameters && { with: parameters }) };

/** A run of a route's pattern, its parameters read. */
export const patternStart = (
  { pattern, with: parameters = {} }: Extract<RouteTarget, { pattern: string }>,
  given: Partial<Pick<StartRun, 'input' | 'labels' | 'correlationId'>> = {},
): StartRun => startRunSchema.parse({ pattern, with: parameters, ...given });

/** Fields of a route that are jq, and the variables they know beside the body. */
export const ROUTE_PROGRAMS = ['when', 'input', 'correlationId', 'run', 'data', 'orderingKey'] as const;
export const ROUTE_VARIABLES = ['headers', 'source', 'id'] as const;
