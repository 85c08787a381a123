import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  inboundEventDetailSchema,
  inboundEventSchema,
  type ListInboundEvents,
  listInboundEventsSchema,
  replayedSchema,
  type ReplayInbound,
  replayInboundSchema,
} from '../../../contracts/inbound-events.js';
import { pageSchema } from '../../../contracts/lists.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { InboundEventsService } from './inbound-events.service.js';

@Controller('v1/inbound-events')
export class InboundEventsController {
  constructor(private readonly events: InboundEventsService) {}

  @Get()
  @Permission('inbound-event:read')
  @Describe({
    summary: 'List what webhooks have brought, the newest first',
    description: 'Each with what came of it.',
    answers: { 200: pageSchema(inboundEventSchema) },
  })
  list(@From() caller: Caller, @Query({ schema: listInboundEventsSchema }) query: ListInboundEvents) {
    return this.events.list(caller, query);
  }

  @Get(':id')
  @Permission('inbound-event:read')
  @Describe({
    summary: 'One event with its headers and body',
    answers: { 200: inboundEventDetailSchema },
    errors: ['inbound_event.not_found'],
  })
  get(@From() caller: Caller, @Param('id') id: string) {
    return this.events.get(caller, id);
  }

  @Post('replay')
  @HttpCode(202)
  @Permission('inbound-event:replay')
  @Describe({
    summary: 'Route dead or unmatched events again',
    description: 'The oldest first, up to 1,000 at once.',
    answers: { 202: replayedSchema },
    examples: { dead: { status: 'dead' } },
  })
  replayMany(@From() caller: Caller, @Body({ schema: replayInboundSchema }) request: ReplayInbound) {
    return this.events.replayMany(caller, request);
  }

  @Post(':id/replay')
  @HttpCode(202)
  @Permission('inbound-event:replay')
  @Describe({
    summary: 'Route an event again',
    description: 'By the routes of today. One that was carried out is carried out once more.',
    answers: { 202: inboundEventSchema },
    errors: ['inbound_event.not_found'],
  })
  replay(@From() caller: Caller, @Param('id') id: string) {
    return this.events.replay(caller, id);
  }

  @Post(':id/allow-redelivery')
  @HttpCode(204)
  @Permission('inbound-event:replay')
  @Describe({
    summary: 'Let one more copy of an event in',
    description: 'The next delivery with its id or its body is an event of its own.',
    answers: { 204: null },
    errors: ['inbound_event.not_found'],
  })
  allowRedelivery(@From() caller: Caller, @Param('id') id: string) {
    return this.events.allowRedelivery(caller, id);
  }
}
