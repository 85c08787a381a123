import { createHash } from 'node:crypto';
import { AgentCard } from '@a2a-js/sdk';
import { Injectable } from '@nestjs/common';
import type { Json } from '../../../contracts/json.js';
import { offeredWork } from '../../../database/a2a-tasks.repository.js';
import { Database } from '../../../database/database.js';
import { invalidField } from '../common/invalid-field.js';
import { publicUrlOf } from '../common/public-url.js';
import type { Caller } from '../common/request.js';
import { Settings } from '../env.js';
import { cardForBoth, cardOf } from './agent-card.js';
import { PATTERN_SKILLS, skillsOf } from './skills.js';

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
    const own = skillsOf(await this.database.inOrg(orgId, offeredWork));
    const skills = [...own, ...PATTERN_SKILLS];
    if (tenant === '') return cardOf({ ...this.terms(), skills });
    const only = skills.filter(({ id }) => id === tenant);
    if (only.length === 0) throw invalidField('tenant', 'must be the id of a skill of the extended agent card');
    return cardOf({ ...this.terms(), skills: only, tenant });
  }

  private terms() {
    return { publicUrl: publicUrlOf(this.settings), version: CARD_VERSION };
  }
}
