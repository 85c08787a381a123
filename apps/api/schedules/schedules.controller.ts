import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import { acceptedRunSchema } from '../../../contracts/runs.js';
import { scheduleSchema } from '../../../contracts/schedules.js';
import type { ScheduleName } from '../../../database/schedules.repository.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { SchedulesService } from './schedules.service.js';

@Controller('v1/schedules')
export class SchedulesController {
  constructor(private readonly schedules: SchedulesService) {}

  @Get()
  @Permission('schedule:read')
  @Describe({
    summary: 'List schedules of workflows by name',
    description: 'One for each workflow whose newest version has `schedule.every`, `cron` or `after`.',
    answers: { 200: pageSchema(scheduleSchema) },
  })
  list(@From() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.schedules.list(caller, query);
  }

  @Get(':namespace/:name')
  @Permission('schedule:read')
  @Describe({ summary: 'The schedule of a workflow', answers: { 200: scheduleSchema }, errors: ['schedule.not_found'] })
  get(@From() caller: Caller, @Param() at: ScheduleName) {
    return this.schedules.get(caller, at);
  }

  @Post(':namespace/:name/pause')
  @HttpCode(200)
  @Permission('schedule:write')
  @Describe({
    summary: 'Pause a schedule',
    description: 'Times that come meanwhile are left out; runs under way go on.',
    answers: { 200: scheduleSchema },
    errors: ['schedule.not_found'],
  })
  pause(@From() caller: Caller, @Param() at: ScheduleName) {
    return this.schedules.pause(caller, at, true);
  }

  @Post(':namespace/:name/resume')
  @HttpCode(200)
  @Permission('schedule:write')
  @Describe({
    summary: 'Resume a schedule',
    description: 'It is due again from now on, as if it had just been published.',
    answers: { 200: scheduleSchema },
    errors: ['schedule.not_found'],
  })
  resume(@From() caller: Caller, @Param() at: ScheduleName) {
    return this.schedules.pause(caller, at, false);
  }

  @Post(':namespace/:name/trigger')
  @HttpCode(202)
  @Permission('schedule:write')
  @Describe({
    summary: 'Start a run of a schedule now',
    description: 'Also while it is paused. The next run of `after` comes after the end of this one.',
    answers: { 202: acceptedRunSchema },
    errors: ['schedule.not_found'],
    idempotent: true,
  })
  trigger(@From() caller: Caller, @Param() at: ScheduleName) {
    return this.schedules.trigger(caller, at);
  }
}
