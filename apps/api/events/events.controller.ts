import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  busEventSchema,
  type ListEvents,
  listEventsSchema,
  type PublishEvent,
  publishedEventSchema,
  publishedEventsSchema,
  publishEventSchema,
  publishEventsSchema,
} from '../../../contracts/event-bus.js';
import { pageSchema } from '../../../contracts/lists.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { EVENT_EXAMPLES } from './event-examples.js';
import { EventsService } from './events.service.js';

@Controller('v1/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Post()
  @HttpCode(202)
  @Permission('event:publish')
  @Describe({
    summary: 'Publish an event',
    description:
      'An event in few words, or a CloudEvent 1.0: structured, or binary with `ce-` headers. It is on record with its ' +
      'deliveries before the answer, and reaches every run that listens for its type, once. The same id and content ' +
      'again answers 200.',
    answers: { 202: publishedEventSchema, 200: publishedEventSchema },
    errors: ['event.conflict'],
    examples: EVENT_EXAMPLES,
    cloudEvent: 'application/cloudevents+json',
    idempotent: true,
  })
  publish(@From() caller: Caller, @Body({ schema: publishEventSchema }) event: PublishEvent) {
    return this.events.publish(caller, event);
  }

  @Post('batch')
  @HttpCode(202)
  @Permission('event:publish')
  @Describe({
    summary: 'Publish up to 100 events',
    description: 'In their order, all of them or none.',
    answers: { 202: publishedEventsSchema },
    errors: ['event.conflict'],
    examples: { two: Object.values(EVENT_EXAMPLES) },
    cloudEvent: 'application/cloudevents-batch+json',
    idempotent: true,
  })
  publishAll(@From() caller: Caller, @Body({ schema: publishEventsSchema }) events: PublishEvent[]) {
    return this.events.publishAll(caller, events);
  }

  @Get()
  @Permission('event:read')
  @Describe({
    summary: 'List events, the newest first',
    description: 'Each with how many of its deliveries wait, have arrived, or found a run that had ended.',
    answers: { 200: pageSchema(busEventSchema) },
  })
  list(@From() caller: Caller, @Query({ schema: listEventsSchema }) query: ListEvents) {
    return this.events.list(caller, query);
  }
}
