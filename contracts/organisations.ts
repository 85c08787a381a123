import { z } from 'zod';
import { nameSchema } from './json.js';
import { roleSchema, scopeSchema } from './permissions.js';

export const createOrganisationSchema = z.strictObject({ name: nameSchema }).meta({ id: 'CreateOrganisation' });
/** The body of `POST /v1/organisations`. */
export type CreateOrganisation = z.infer<typeof createOrganisationSchema>;

export const organisationSchema = z
  .object({ id: z.string(), name: z.string(), createdAt: z.string() })
  .meta({ id: 'Organisation' });
/** Whose everything is: nothing of one is seen by another. */
export type Organisation = z.infer<typeof organisationSchema>;

/** `key` is shown once; a repeat with the same idempotency key answers without it and with `keyShown: true`. */
const shownOnce = { key: z.string().optional(), keyShown: z.literal(true).optional() };
export const createdOrganisationSchema = organisationSchema.extend(shownOnce).meta({ id: 'CreatedOrganisation' });
/** A new organisation with its first key, which is shown this once. */
export type CreatedOrganisation = z.infer<typeof createdOrganisationSchema>;

export const createApiKeySchema = z
  .strictObject({
    name: nameSchema,
    role: roleSchema,
    scopes: z.array(scopeSchema).max(8).default([]),
    expiresAt: z.iso.datetime({ offset: true }).optional(),
  })
  .meta({ id: 'CreateApiKey' });
export type CreateApiKey = z.infer<typeof createApiKeySchema>;

export const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().describe('The first 8 characters of the secret, to tell keys apart.'),
    role: roleSchema,
    scopes: z.array(scopeSchema),
    expiresAt: z.string().nullable(),
    revokedAt: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({ id: 'ApiKey' });
/** An API key without its secret. */
export type ApiKey = z.infer<typeof apiKeySchema>;
export const createdApiKeySchema = apiKeySchema.extend(shownOnce).meta({ id: 'CreatedApiKey' });
/** A new API key; its secret is shown this once. */
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;
