import { z } from 'zod';
import { nameSchema } from './json.js';

const headerSchema = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'must be the name of a header');

/** How an agent is reached whose server says itself what it can do. */
export const remoteSettingsSchema = z
  .strictObject({
    secret: nameSchema.optional().describe('Name of the secret that is sent as a bearer token.'),
    headers: z
      .record(headerSchema, nameSchema)
      .refine((headers) => Object.keys(headers).length <= 16, 'must be 16 headers at most')
      .default({})
      .describe('Further headers, each with the name of the secret that holds its value.'),
    only: z
      .array(z.string().max(128))
      .min(1)
      .max(100)
      .optional()
      .describe('The tools or skills that are wanted; all unless said.'),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9._-]{0,32}$/, 'must be at most 32 characters of A-Z a-z 0-9 . _ -')
      .default('')
      .describe('Stands before the name of each capability.'),
    refreshSeconds: z.int().min(1).max(86_400).default(300).describe('How often the server is asked again.'),
  })
  .meta({ id: 'RemoteSettings' });
export type RemoteSettings = z.infer<typeof remoteSettingsSchema>;

/** Protocols whose servers say what they can do. */
export type RemoteProtocol = 'mcp' | 'a2a';

/** When the server was asked last, and why it could not be. */
export const discoverySchema = z
  .object({ at: z.string(), error: z.string().nullable() })
  .meta({ id: 'AgentDiscovery' });
export type Discovery = z.infer<typeof discoverySchema>;

/** A registered agent of a server. */
export interface RemoteAgent {
  name: string;
  settings: RemoteSettings;
  names: Record<string, string>;
}

/** A task that a server has taken for a call, as it is kept while the call is under way. */
export interface KeptTask {
  taskId: string;
  contextId: string;
}
