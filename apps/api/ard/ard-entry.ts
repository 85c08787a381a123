import type { CataloguedAgent } from '../../../database/catalogue.repository.js';
import { compareVersions } from '../../../selection/semver-range.js';

/** A resource as ARD describes it (0.91, 4.2). */
export interface ArdEntry {
  identifier: string;
  displayName: string;
  type: string;
  url: string;
  description?: string;
  version?: string;
  updatedAt?: string;
  tags?: string[];
  capabilities?: string[];
  metadata?: Record<string, string>;
}

export const AGENT_CARD_TYPE = 'application/a2a-agent-card+json';
export const REGISTRY_TYPE = 'application/ai-registry+json';

/** Who publishes, and in whose name. */
export interface Publisher {
  /** Where others reach the API, without a slash at its end. */
  publicUrl: string;
  orgId: string;
}

/** The host of the public address; identifiers have room for names alone, not for addresses of IPv6. */
export function hostOf(publicUrl: string): string {
  const { hostname } = new URL(publicUrl);
  return /^[A-Za-z0-9.-]+$/.test(hostname) ? hostname : 'localhost';
}

/** The same name in two organisations is two resources. */
export const identifierOf = (name: string, { publicUrl, orgId }: Publisher): string =>
  `urn:air:${hostOf(publicUrl)}:${orgId}:${name}`;

/** `urn:air:<publisher>:<namespace>:<agent-name>` (ARD 0.91, appendix C), read; undefined where it is none. */
export function readIdentifier(text: string): { name: string; isOf: (publisher: Publisher) => boolean } | undefined {
  const name = /^urn:air:[A-Za-z0-9.-]+(?::[A-Za-z0-9._:-]+)?:([A-Za-z0-9._-]+)$/.exec(text)?.[1];
  return name === undefined ? undefined : { name, isOf: (publisher) => text === identifierOf(name, publisher) };
}

/** One registered agent: outside clients read its card, and reach it over A2A through Brikk. */
export function entryOf(agent: CataloguedAgent, publisher: Publisher): ArdEntry {
  const { id, name, version, description, labels, createdAt, capabilities } = agent;
  const said = description ?? capabilities.flatMap((one) => one.description ?? []).join(' ');
  const tags = tagsOf(agent);
  return {
    identifier: identifierOf(name, publisher),
    displayName: name,
    type: AGENT_CARD_TYPE,
    url: `${publisher.publicUrl}/v1/agents/${id}/agent-card.json`,
    ...(said !== '' && { description: said }),
    version,
    updatedAt: createdAt.toISOString(),
    ...(tags.length > 0 && { tags }),
    capabilities: capabilities.map((one) => one.name),
    ...(Object.keys(labels).length > 0 && { metadata: labels }),
  };
}

const tagsOf = ({ capabilities }: CataloguedAgent) => [
  ...new Set(capabilities.flatMap(({ tags = [], specialization = [] }) => [...tags, ...specialization])),
];

/** What a question is compared with. */
export const describedOf = (agent: CataloguedAgent) => ({
  names: [agent.name, ...agent.capabilities.map(({ name }) => name)],
  tags: tagsOf(agent),
  texts: [agent.description ?? '', ...agent.capabilities.map(({ description = '' }) => description)],
});

/** The newest version of each name: an identifier names the agent, not a version of it. */
export function newestOf(agents: CataloguedAgent[]): CataloguedAgent[] {
  const newest = new Map<string, CataloguedAgent>();
  for (const agent of agents) {
    const known = newest.get(agent.name);
    if (!known || compareVersions(agent.version, known.version) > 0) newest.set(agent.name, agent);
  }
  return [...newest.values()];
}
