import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import { actorOf } from './actor.js';
import type { Caller } from './request.js';

/** A refusal is on record before the caller hears of it. */
@Injectable()
export class Refusals {
  constructor(private readonly database: Database) {}

  /** The error to throw, once the audit has the attempt. */
  async forbidden(caller: Caller, target: string, detail: string): Promise<BrikkError> {
    await this.database.inOrg(caller.orgId, (tx) =>
      audit(tx, { ...actorOf(caller), action: 'access.denied', target, outcome: 'denied' }),
    );
    return new BrikkError('auth.forbidden', detail);
  }
}
