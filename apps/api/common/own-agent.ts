import { Injectable } from '@nestjs/common';
import { nameOfAgent } from '../../../database/agents.repository.js';
import { Database } from '../../../database/database.js';
import { knownId } from './ids.js';
import { Refusals } from './refusals.js';
import type { Caller } from './request.js';

/** A key with `agent:self` serves the agent it is named after, and no other. */
@Injectable()
export class OwnAgent {
  constructor(
    private readonly database: Database,
    private readonly refusals: Refusals,
  ) {}

  /** Fails `agent.not_found`, `auth.forbidden`. */
  async check(caller: Caller, id: string): Promise<void> {
    knownId(id, 'agent.not_found');
    if (!caller.scopes.includes('agent:self')) return;
    await this.checkName(caller, await this.database.inOrg(caller.orgId, (tx) => nameOfAgent(tx, id)));
  }

  /** Fails `auth.forbidden`. */
  async checkName(caller: Caller, agent: string): Promise<void> {
    if (!caller.scopes.includes('agent:self') || caller.name === agent) return;
    throw await this.refusals.forbidden(caller, `agent ${agent}`, `The key may only touch the agent ${caller.name}`);
  }
}
