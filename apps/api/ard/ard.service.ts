import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { listCatalogued } from '../../../database/catalogue.repository.js';
import { Database } from '../../../database/database.js';
import { invalidField } from '../common/invalid-field.js';
import { publicUrlOf } from '../common/public-url.js';
import type { Caller } from '../common/request.js';
import { Settings } from '../env.js';
import {
  AGENT_CARD_TYPE,
  type ArdEntry,
  describedOf,
  entryOf,
  hostOf,
  newestOf,
  readIdentifier,
  REGISTRY_TYPE,
} from './ard-entry.js';
import { keepsTo } from './keeps-to.js';
import type { ArdSearch } from './ard-search.js';
import { relevances } from './relevance.js';

const MAX_AGENTS = 5_000;

export interface ArdAnswer {
  results: (ArdEntry & { score: number; source: string })[];
  referrals?: ArdEntry[];
  pageToken?: string;
}

/** A registry of Agentic Resource Discovery 0.91: the agents of the caller's organisation, and no other's. */
@Injectable()
export class Ard {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  /** For everybody: it says where to ask, and names nothing of an organisation. */
  manifest(): { specVersion: string; host: { displayName: string }; entries: ArdEntry[] } {
    const publicUrl = publicUrlOf(this.settings);
    const identifier = (name: string) => `urn:air:${hostOf(publicUrl)}:brikk:${name}`;
    return {
      specVersion: '1.0',
      host: { displayName: 'Brikk' },
      entries: [
        {
          identifier: identifier('platform'),
          displayName: 'Brikk',
          type: AGENT_CARD_TYPE,
          url: `${publicUrl}/.well-known/agent-card.json`,
          description: 'Coordinates agents durably: patterns, workflows and capabilities over A2A.',
        },
        {
          identifier: identifier('registry'),
          displayName: 'Agents of Brikk',
          type: REGISTRY_TYPE,
          url: this.source,
          description: 'The agents of an organisation, for its keys: POST search, GET agents/{identifier}.',
        },
      ],
    };
  }

  /** The best first. No other registry is asked. Fails `request.invalid` for a filter or a page token that is none. */
  async search({ orgId }: Caller, { query, federation, pageSize, pageToken }: ArdSearch): Promise<ArdAnswer> {
    const keeps = keepsTo(query.filter ?? {});
    const from = pageToken === undefined ? 0 : offsetOf(pageToken);
    const publisher = { publicUrl: publicUrlOf(this.settings), orgId };
    const agents = newestOf(await this.database.inOrg(orgId, (tx) => listCatalogued(tx, MAX_AGENTS)));
    const scores = relevances(query.text, agents.map(describedOf));
    const found = agents
      .map((agent, index) => ({ ...entryOf(agent, publisher), score: scores[index]!, source: this.source }))
      .filter((entry) => entry.score > 0 && keeps(entry))
      .sort((a, b) => b.score - a.score || (a.identifier < b.identifier ? -1 : 1));
    const until = from + pageSize;
    return {
      results: found.slice(from, until),
      ...(federation === 'referrals' && { referrals: [] }),
      ...(found.length > until && { pageToken: tokenOf(until) }),
    };
  }

  /** Fails `request.invalid` for what is no identifier, `agent.not_found` for one of nobody here. */
  async retrieve({ orgId }: Caller, identifier: string): Promise<ArdEntry> {
    const read = readIdentifier(identifier);
    if (!read) throw invalidField('identifier', 'must be urn:air:<publisher>:<namespace>:<agent-name>');
    const publisher = { publicUrl: publicUrlOf(this.settings), orgId };
    const agents = read.isOf(publisher)
      ? await this.database.inOrg(orgId, (tx) => listCatalogued(tx, MAX_AGENTS, read.name))
      : [];
    const [agent] = newestOf(agents);
    if (!agent) throw new BrikkError('agent.not_found', `There is no live agent ${identifier}`);
    return entryOf(agent, publisher);
  }

  private get source(): string {
    return `${publicUrlOf(this.settings)}/v1/ard`;
  }
}

const tokenOf = (offset: number) => Buffer.from(String(offset)).toString('base64url');

function offsetOf(token: string): number {
  const text = Buffer.from(token, 'base64url').toString();
  if (!/^\d{1,6}$/.test(text)) throw invalidField('pageToken', 'must be the pageToken of an earlier page');
  return Number(text);
}
