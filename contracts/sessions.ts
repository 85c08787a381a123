import { z } from 'zod';
import { jsonSchema, nameSchema } from './json.js';
import { pageQuerySchema } from './lists.js';

/** JSON of the state that is saved. */
export const MAX_SESSION_BYTES = 1_024 * 1_024;

const ttlMs = z
  .int()
  .min(1_000)
  .max(30 * 86_400_000);

/** `POST /v1/agents/{id}/instances/{instanceId}/sessions`: the instance has the session from now on. */
export const openSessionSchema = z
  .strictObject({
    key: nameSchema.describe('What callers call it: a conversation, a browser, a case.'),
    ttlMs: ttlMs.default(600_000).describe('Milliseconds from its last use until it is over.'),
  })
  .meta({ id: 'OpenSession' });
export type OpenSession = z.infer<typeof openSessionSchema>;

/** `PUT /v1/sessions/{id}`: what the next instance begins with. */
export const saveSessionSchema = z
  .strictObject({
    state: jsonSchema.refine((state) => state !== undefined, 'is needed; null is a state'),
    handOvers: z.int().nonnegative().describe('As the session was opened with: nobody has taken it over since.'),
  })
  .meta({ id: 'SaveSession' });
export type SaveSession = z.infer<typeof saveSessionSchema>;

export const listSessionsSchema = pageQuerySchema.extend({
  agent: z.uuid().optional().describe('Id of the agent.'),
  key: nameSchema.optional(),
});
export type ListSessions = z.infer<typeof listSessionsSchema>;

const time = z.string().describe('RFC 3339');
export const sessionSummarySchema = z
  .object({
    id: z.string(),
    agentId: z.string(),
    instanceId: z.string().describe('The instance that has it.'),
    key: z.string(),
    handOvers: z.int().describe('How often another instance has taken it over.'),
    version: z.int().describe('How often its state was saved.'),
    bytes: z.int().describe('Of the state.'),
    ttlMs: z.number(),
    createdAt: time,
    usedAt: time,
    expiresAt: time,
  })
  .meta({ id: 'SessionSummary' });
/** A session without its state. */
export type SessionSummary = z.infer<typeof sessionSummarySchema>;

export const sessionSchema = sessionSummarySchema
  .extend({ state: jsonSchema.describe('As it was saved last; null when it never was.') })
  .meta({ id: 'Session' });
/** A session with its state. */
export type Session = z.infer<typeof sessionSchema>;
