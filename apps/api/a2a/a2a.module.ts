import { Module } from '@nestjs/common';
import { ApprovalsModule } from '../approvals/approvals.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { A2aCards } from './a2a-cards.service.js';
import { A2aHandlers } from './a2a-handlers.service.js';
import { A2aPush } from './a2a-push.service.js';
import { A2aRestController } from './a2a-rest.controller.js';
import { A2aTasks } from './a2a-tasks.service.js';
import { A2aController } from './a2a.controller.js';
import { A2aJsonRpc } from './json-rpc.service.js';

@Module({
  imports: [RunsModule, ApprovalsModule],
  controllers: [A2aController, A2aRestController],
  providers: [A2aPush, A2aTasks, A2aCards, A2aHandlers, A2aJsonRpc],
})
export class A2aModule {}
