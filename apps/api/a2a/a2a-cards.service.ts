import { createHash } from 'node:crypto';
import { AgentCard } from '@a2a-js/sdk';
import { Injectable } from '@nestjs/common';
import type { Json } from '../../../contracts/json.js';
import { offeredBy, offeredWork } from '../../../database/a2a-tasks.repository.js';
import { loadAgent } from '../../../database/agents.repository.js';
import { Database } from '../../../database/database.js';
import { knownId } from '../common/ids.js';
import { invalidField } from '../common/invalid-field.js';
import { publicUrlOf } from '../common/public-url.js';
import type { Caller } from '../common/request.js';
import { Settings } from '../env.js';
import { cardForBoth, cardOf } from './agent-card.js';
import { agentOfSkill, PATTERN_SKILLS, skillsOf, skillsOfAgent } from './skills.js';

/** Of what the cards say; it changes when they do. */
const CARD_VERSION = '1.0.0';

/** Who we are, as agent cards. */
@Injectable()
export class A2aCards {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  /** For everybody: it names nothing of an organisation. */
  platform(): AgentCard {
    return cardOf({ ...this.terms(), skills: PATTERN_SKILLS });
  }

  /** The public card as it is sent to clients of a version, with the name of its content. */
  published(version: string): { card: Json; etag: string } {
    const card = this.platform();
    const shown = version.startsWith('1.') ? (AgentCard.toJSON(card) as Json) : cardForBoth(card);
    const etag = createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, 16);
    return { card: shown, etag: `"${etag}"` };
  }

  /** With what the caller's organisation has; of one skill, as an agent of its own, when `tenant` names it. */
  async extended({ orgId }: Caller, tenant: string): Promise<AgentCard> {
    const agent = agentOfSkill(tenant);
    const skills = await this.database.inOrg(orgId, async (tx) =>
      agent === undefined
        ? [...skillsOf(await offeredWork(tx)), ...PATTERN_SKILLS]
        : skillsOfAgent(agent, await offeredBy(tx, agent)),
    );
    if (tenant === '') return cardOf({ ...this.terms(), skills });
    const only = skills.find(({ id }) => id === tenant);
    if (!only) throw invalidField('tenant', 'must be the id of a skill of the extended agent card');
    const described = { name: agent ?? only.name, description: only.description };
    return cardOf({ ...this.terms(), skills: [only], tenant, described });
  }

  /** One registered agent. Calls of it go through Brikk, so that they are durable. Fails `agent.not_found`. */
  async ofAgent({ orgId }: Caller, id: string): Promise<Json> {
    knownId(id, 'agent.not_found');
    const { name, version, description, capabilities } = await this.database.inOrg(orgId, (tx) => loadAgent(tx, id));
    const skills = skillsOfAgent(name, capabilities);
    const [only] = skills.length === 1 ? skills : [];
    const described = {
      name,
      description: description ?? `An agent for ${capabilities.map((one) => one.name).join(', ')}.`,
    };
    return AgentCard.toJSON(cardOf({ ...this.terms(), version, skills, tenant: only?.id ?? '', described })) as Json;
  }

  private terms() {
    return { publicUrl: publicUrlOf(this.settings), version: CARD_VERSION };
  }
}
