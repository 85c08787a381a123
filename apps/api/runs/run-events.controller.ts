import { Controller, Get, Headers, Param, Query, StreamableFile } from '@nestjs/common';
import { runEventSchema } from '../../../contracts/events.js';
import { pageSchema } from '../../../contracts/lists.js';
import { accepts } from '../common/accept.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { STREAM_EXAMPLE } from '../docs/answer-examples.js';
import { RunEventsService } from './run-events.service.js';
import { type EventsQuery, eventsQuerySchema } from './run-queries.js';

const STREAM = 'text/event-stream';

@Controller('v1/runs')
export class RunEventsController {
  constructor(private readonly events: RunEventsService) {}

  @Get(':id/events')
  @Permission('run:read')
  @Describe({
    summary: 'The events of a run',
    description:
      'With `Accept: text/event-stream` live from `Last-Event-ID` (or `?after=`) until `run.finished`; otherwise a list.',
    answers: { 200: pageSchema(runEventSchema) },
    errors: ['run.not_found'],
    produces: ['application/json', STREAM],
    textExample: STREAM_EXAMPLE,
  })
  async read(
    @From() caller: Caller,
    @Param('id') id: string,
    @Query({ schema: eventsQuerySchema }) query: EventsQuery,
    @Headers() headers: Record<string, string | undefined>,
  ) {
    const { accept } = headers;
    if (!accept || accepts(accept, ['application/json'])) return this.events.list(caller, id, query);
    const stream = await this.events.stream(caller, id, query, headers['last-event-id']);
    return new StreamableFile(stream, { type: STREAM });
  }
}
