import { AgentCard } from '@a2a-js/sdk';
import type { Json } from '../../../contracts/json.js';
import { MODES } from './message-content.js';
import type { Skill } from './skills.js';

const PLATFORM = {
  name: 'brikk',
  description: 'Coordinates agents durably: workflows, patterns and capabilities as skills.',
};

interface CardTerms {
  /** Where others reach the API, without a slash at its end. */
  publicUrl: string;
  version: string;
  skills: readonly Skill[];
  /** The one skill of the agent that is described, which messages to it need not name. */
  tenant?: string;
  /** Who that is; the whole platform when absent. */
  described?: { name: string; description: string };
}

/** The agent card of A2A 1.0. */
export function cardOf({ publicUrl, version, skills, tenant = '', described = PLATFORM }: CardTerms): AgentCard {
  const url = `${publicUrl}/v1/a2a`;
  const at = (protocolBinding: string, protocolVersion: string) => ({ url, protocolBinding, protocolVersion, tenant });
  return AgentCard.fromJSON({
    name: described.name,
    description: described.description,
    version,
    supportedInterfaces: [at('JSONRPC', '1.0'), at('HTTP+JSON', '1.0'), at('JSONRPC', '0.3')],
    capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: true },
    securitySchemes: {
      apiKey: { httpAuthSecurityScheme: { scheme: 'Bearer', bearerFormat: 'brk_<env>_<secret>_<crc>' } },
    },
    securityRequirements: [{ schemes: { apiKey: { list: [] } } }],
    defaultInputModes: MODES,
    defaultOutputModes: MODES,
    skills,
  });
}

/** For clients that say no version, which are those of 0.3: the card of 1.0 with the fields that 0.3 looks for. */
export function cardForBoth(card: AgentCard): Json {
  const { securitySchemes: _, ...shown } = AgentCard.toJSON(card) as { [name: string]: Json };
  return {
    ...shown,
    protocolVersion: '0.3.0',
    url: card.supportedInterfaces[0]?.url ?? '',
    preferredTransport: 'JSONRPC',
    supportsAuthenticatedExtendedCard: true,
    securitySchemes: {
      apiKey: { type: 'http', scheme: 'bearer', httpAuthSecurityScheme: { scheme: 'Bearer' } },
    },
    security: [{ apiKey: [] }],
  };
}
