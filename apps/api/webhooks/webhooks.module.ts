import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module.js';
import { AnswersService } from './answers.service.js';
import { DeliveriesController } from './deliveries.controller.js';
import { DeliveriesService } from './deliveries.service.js';
import { InboundEventsController } from './inbound-events.controller.js';
import { InboundEventsService } from './inbound-events.service.js';
import { WebhookSourcesController } from './webhook-sources.controller.js';
import { WebhookSourcesService } from './webhook-sources.service.js';

@Module({
  imports: [RunsModule],
  controllers: [InboundEventsController, WebhookSourcesController, DeliveriesController],
  providers: [AnswersService, WebhookSourcesService, InboundEventsService, DeliveriesService],
})
export class WebhooksModule {}
