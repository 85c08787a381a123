import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module.js';
import { AnswersService } from './answers.service.js';
import { DeliveriesController } from './deliveries.controller.js';
import { DeliveriesService } from './deliveries.service.js';
import { InboundEventsController } from './inbound-events.controller.js';
import { InboundEventsService } from './inbound-events.service.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookDeliveriesService } from './webhook-deliveries.service.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';
import { WebhookSourcesController } from './webhook-sources.controller.js';
import { WebhookSourcesService } from './webhook-sources.service.js';

@Module({
  imports: [RunsModule],
  controllers: [
    InboundEventsController,
    WebhookSourcesController,
    DeliveriesController,
    WebhookDeliveriesController,
    WebhookEndpointsController,
  ],
  providers: [
    AnswersService,
    WebhookSourcesService,
    InboundEventsService,
    DeliveriesService,
    WebhookEndpointsService,
    WebhookDeliveriesService,
  ],
})
export class WebhooksModule {}
