import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import {
  type ListWebhookDeliveries,
  listWebhookDeliveriesSchema,
  replayDeliveriesSchema,
  type ReplayDeliveries,
  replayedDeliveriesSchema,
  webhookAttemptSchema,
  webhookDeliverySchema,
} from '../../../contracts/webhook-deliveries.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { WebhookDeliveriesService } from './webhook-deliveries.service.js';

@Controller('v1/webhook-deliveries')
export class WebhookDeliveriesController {
  constructor(private readonly deliveries: WebhookDeliveriesService) {}

  @Get()
  @Permission('webhook-delivery:read')
  @Describe({
    summary: 'List deliveries to webhook endpoints, the newest first',
    answers: { 200: pageSchema(webhookDeliverySchema) },
  })
  list(@From() caller: Caller, @Query({ schema: listWebhookDeliveriesSchema }) query: ListWebhookDeliveries) {
    return this.deliveries.list(caller, query);
  }

  @Get(':id')
  @Permission('webhook-delivery:read')
  @Describe({
    summary: 'One delivery',
    answers: { 200: webhookDeliverySchema },
    errors: ['webhook_delivery.not_found'],
  })
  get(@From() caller: Caller, @Param('id') id: string) {
    return this.deliveries.get(caller, id);
  }

  @Get(':id/attempts')
  @Permission('webhook-delivery:read')
  @Describe({
    summary: 'Its attempts, the newest first',
    answers: { 200: pageSchema(webhookAttemptSchema) },
    errors: ['webhook_delivery.not_found'],
  })
  attempts(@From() caller: Caller, @Param('id') id: string, @Query({ schema: pageQuerySchema }) page: PageQuery) {
    return this.deliveries.attempts(caller, id, page);
  }

  @Post('replay')
  @HttpCode(202)
  @Permission('webhook-delivery:replay')
  @Describe({
    summary: 'Send many again',
    description: 'The oldest first, up to 10,000, after fresh events and within what each endpoint allows.',
    answers: { 202: replayedDeliveriesSchema },
    examples: { dead: { filter: { status: 'dead' }, dryRun: true } },
  })
  replayMany(@From() caller: Caller, @Body({ schema: replayDeliveriesSchema }) request: ReplayDeliveries) {
    return this.deliveries.replayMany(caller, request);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Permission('webhook-delivery:replay')
  @Describe({
    summary: 'Make the next attempt now',
    answers: { 202: webhookDeliverySchema },
    errors: ['webhook_delivery.not_found', 'webhook_delivery.over'],
  })
  retry(@From() caller: Caller, @Param('id') id: string) {
    return this.deliveries.steer(caller, id, 'retried');
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Permission('webhook-delivery:replay')
  @Describe({
    summary: 'Make no more attempts',
    answers: { 202: webhookDeliverySchema },
    errors: ['webhook_delivery.not_found', 'webhook_delivery.over'],
  })
  cancel(@From() caller: Caller, @Param('id') id: string) {
    return this.deliveries.steer(caller, id, 'cancelled');
  }

  @Post(':id/replay')
  @HttpCode(202)
  @Permission('webhook-delivery:replay')
  @Describe({
    summary: 'Send once more what is over',
    description: 'With the same `webhook-id`, filtered and transformed by what the endpoint says today.',
    answers: { 202: webhookDeliverySchema },
    errors: ['webhook_delivery.not_found', 'webhook_delivery.open'],
  })
  replay(@From() caller: Caller, @Param('id') id: string) {
    return this.deliveries.steer(caller, id, 'replayed');
  }
}
