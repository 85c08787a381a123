import { Injectable } from '@nestjs/common';
import type { ToldProgress } from '../../../contracts/agent-progress.js';
import { BrikkError } from '../../../contracts/errors.js';
import {
  type AnsweredAttempt,
  type LaterAnswer,
  type LaterReceipt,
  type ProgressReceipt,
  whyNoAnswer,
} from '../../../contracts/later-answers.js';
import { Database } from '../../../database/database.js';
import { takeLaterAnswer } from '../../../database/later-answers.repository.js';
import { takeLaterProgress } from '../../../database/later-progress.repository.js';
import { inWords } from '../common/in-words.js';
import { SteeringService } from '../runs/steering.service.js';

/** An agent's answer is on record before it is acknowledged; whoever reaches the workflow first tells it. */
@Injectable()
export class CallsService {
  constructor(
    private readonly database: Database,
    private readonly steering: SteeringService,
  ) {}

  async answer(of: AnsweredAttempt, body: LaterAnswer): Promise<LaterReceipt> {
    const { orgId, runId, kind } = of;
    const violations = whyNoAnswer(kind, body);
    if (violations.length > 0)
      throw new BrikkError('request.invalid', inWords(`The body answers no request of kind ${kind}`, violations), {
        violations,
      });
    const receipt = await this.database.inOrg(orgId, (tx) => takeLaterAnswer(tx, of, body));
    if (!receipt.duplicate) void this.steering.deliver({ orgId, runId });
    return receipt;
  }

  progress(of: AnsweredAttempt, said: ToldProgress): Promise<ProgressReceipt> {
    return this.database.inOrg(of.orgId, (tx) => takeLaterProgress(tx, of, said));
  }
}
