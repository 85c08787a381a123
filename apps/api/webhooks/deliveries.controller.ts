import { Controller, Post } from '@nestjs/common';
import type { WebhookDelivery } from '../../../connectors/webhook/webhook-delivery.js';
import { inboundReceiptSchema } from '../../../contracts/inbound-events.js';
import type { OpenedSource } from '../../../database/webhook-sources.repository.js';
import { Describe } from '../common/describe.decorator.js';
import { SignedDelivery } from '../common/permission.decorator.js';
import { Delivered, SourceOf } from '../common/request.js';
import { DeliveriesService } from './deliveries.service.js';

@Controller('in')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Post(':pathId')
  @SignedDelivery()
  @Describe({
    summary: 'Deliver an event',
    description:
      'The URL of a webhook source: it needs no key, but the signature of its provider over the body as it stands. The ' +
      'event is on record before the answer; what came before answers 200. Whatever is wrong with a signature or its ' +
      'time, the answer is 401 alone. A source with `sync` answers 200 with what the run gave, when that is there in time.',
    answers: { 202: inboundReceiptSchema, 200: inboundReceiptSchema },
    errors: [
      'webhook_source.not_found',
      'webhook.unverified',
      'rate.exceeded',
      'body.too_large',
      'dependency.unavailable',
    ],
    raw: '{"action": "opened", "issue": {"number": 7, "title": "Disk full on db-3"}}',
  })
  receive(@SourceOf() source: OpenedSource, @Delivered() delivery: WebhookDelivery) {
    return this.deliveries.receive(source, delivery);
  }
}
