import { z } from 'zod';
import type { Json } from '../../../contracts/json.js';

/** What everybody may rely on of an agent card; A2A 1.0 specifies the rest. */
export const agentCardSchema = z
  .looseObject({
    name: z.string(),
    description: z.string(),
    version: z.string(),
    supportedInterfaces: z.array(
      z.looseObject({ url: z.url(), protocolBinding: z.string(), protocolVersion: z.string() }),
    ),
    skills: z.array(z.looseObject({ id: z.string(), name: z.string(), description: z.string() })),
  })
  .meta({ id: 'AgentCard' });

export const CARD_EXAMPLE: Json = {
  name: 'brikk',
  description: 'Coordinates agents durably: workflows, patterns and capabilities as skills.',
  version: '1.0.0',
  supportedInterfaces: [
    { url: 'https://brikk.example.com/v1/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
    { url: 'https://brikk.example.com/v1/a2a', protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
  ],
  skills: [{ id: 'pattern.sequential', name: 'sequential', description: 'Steps one after another.' }],
};
