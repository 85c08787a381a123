import { Injectable } from '@nestjs/common';
import type { GiveFeedback } from '../../../contracts/feedback.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import { giveFeedback } from '../../../database/feedback.repository.js';
import { actorOf } from '../common/actor.js';
import { once } from '../common/idempotency.js';
import { knownId } from '../common/ids.js';
import type { Caller } from '../common/request.js';

@Injectable()
export class FeedbackService {
  constructor(private readonly database: Database) {}

  async give(caller: Caller, id: string, request: GiveFeedback) {
    knownId(id, 'run.not_found');
    const route = `POST /v1/runs/${id}/feedback`;
    return once(this.database, caller, { route, body: request, keepFor: 'day' }, async (tx) => {
      const { feedback, created } = await giveFeedback(tx, id, caller.keyId, request);
      await audit(tx, { ...actorOf(caller), action: 'run.rated', target: id, outcome: 'ok', changedFields: ['score'] });
      return { status: created ? 201 : 200, body: feedback };
    });
  }
}
