import { Injectable, Logger } from '@nestjs/common';
import { Refusals } from '../common/refusals.js';
import { A2aCards } from './a2a-cards.service.js';
import type { A2aRequest } from './a2a-request.js';
import { A2aTasks } from './a2a-tasks.service.js';
import { A2aRequestHandler } from './request-handler.js';

/** Makes the handler of each request. */
@Injectable()
export class A2aHandlers {
  private readonly logger = new Logger(A2aHandlers.name);

  constructor(
    private readonly tasks: A2aTasks,
    private readonly cards: A2aCards,
    private readonly refusals: Refusals,
  ) {}

  of({ caller, gone }: A2aRequest): A2aRequestHandler {
    const { tasks, cards, refusals } = this;
    const onFailure = (error: unknown) => {
      const stack = error instanceof Error ? (error.stack ?? error.message) : 'a value that is no Error was thrown';
      this.logger.error({ code: 'internal', requestId: caller.requestId, stack });
    };
    return new A2aRequestHandler({ tasks, cards, refusals, onFailure }, caller, gone);
  }
}
