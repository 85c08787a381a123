import { z } from 'zod';
import { jsonSchema, labelsSchema, nameSchema, schemaDocumentSchema } from './json.js';

/** `POST /v1/agents/search`. All that is said must hold; without a capability, any capability may be the one. */
export const searchAgentsSchema = z
  .strictObject({
    capability: nameSchema.optional(),
    tags: z.array(nameSchema).min(1).max(32).optional().describe('The capability has all of them.'),
    labels: labelsSchema.optional(),
    versionRange: z.string().max(128).optional(),
    accepts: jsonSchema.optional().describe('An input that the capability takes, by its input schema.'),
    inputSchema: schemaDocumentSchema
      .optional()
      .describe('Whatever fits this schema (JSON Schema 2020-12), the capability takes.'),
    outputSchema: schemaDocumentSchema.optional().describe('Whatever the capability answers fits this schema.'),
    limit: z.int().min(1).max(200).default(50),
  })
  .meta({ id: 'SearchAgents' });
export type SearchAgents = z.infer<typeof searchAgentsSchema>;

export const rankedCandidateSchema = z
  .object({
    agentId: z.string(),
    agent: z.string(),
    version: z.string(),
    instanceId: z.string(),
    endpoint: z.string(),
    capability: z.string(),
    contract: z
      .enum(['fits', 'undeclared'])
      .optional()
      .describe(
        'Where the search names an input or a schema. undeclared: it has no input schema, so it takes anything.',
      ),
    score: z.number().describe('Expected milliseconds to completion; the lowest is first.'),
    reason: z.string(),
  })
  .meta({ id: 'RankedCandidate' });
/** An instance that may get a call, with the reason of its rank. */
export type RankedCandidate = z.infer<typeof rankedCandidateSchema>;

export const unfitCapabilitySchema = z
  .object({
    agentId: z.string(),
    agent: z.string(),
    version: z.string(),
    capability: z.string(),
    why: z.array(z.string()).describe('What does not fit, by the place in the input or the output.'),
  })
  .meta({ id: 'UnfitCapability' });
/** A capability whose contract does not fit what was asked for. */
export type UnfitCapability = z.infer<typeof unfitCapabilitySchema>;

export const foundAgentsSchema = z
  .object({
    items: z.array(rankedCandidateSchema),
    unfit: z.array(unfitCapabilitySchema).describe('At most 20 that all else holds of, but not the contract.'),
  })
  .meta({ id: 'FoundAgents' });
/** Live candidates, the best first, and whose contract alone was in the way. */
export type FoundAgents = z.infer<typeof foundAgentsSchema>;
