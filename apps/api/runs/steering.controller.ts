import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { type Json, jsonSchema } from '../../../contracts/json.js';
import { acceptedRunSchema } from '../../../contracts/runs.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { SteeringService } from './steering.service.js';

const steered = { 202: acceptedRunSchema };

@Controller('v1/runs')
export class SteeringController {
  constructor(private readonly steering: SteeringService) {}

  @Post(':id/cancel')
  @HttpCode(202)
  @Permission('run:steer')
  @Describe({
    summary: 'Cancel a run',
    description: 'Compensations run; a run that has not started ends at once.',
    answers: steered,
    errors: ['run.not_found', 'run.finished'],
  })
  cancel(@From() caller: Caller, @Param('id') id: string) {
    return this.steering.steer(caller, id, { kind: 'cancel' });
  }

  @Post(':id/pause')
  @HttpCode(202)
  @Permission('run:steer')
  @Describe({
    summary: 'Pause a run',
    description: 'Calls in flight finish; time limits keep running.',
    answers: steered,
    errors: ['run.not_found', 'run.finished'],
  })
  pause(@From() caller: Caller, @Param('id') id: string) {
    return this.steering.steer(caller, id, { kind: 'pause' });
  }

  @Post(':id/resume')
  @HttpCode(202)
  @Permission('run:steer')
  @Describe({
    summary: 'Resume a paused run',
    answers: steered,
    errors: ['run.not_found', 'run.finished', 'run.not_paused'],
  })
  resume(@From() caller: Caller, @Param('id') id: string) {
    return this.steering.steer(caller, id, { kind: 'resume' });
  }

  @Post(':id/signals/:name')
  @HttpCode(202)
  @Permission('run:steer')
  @Describe({
    summary: 'Send a signal to a run',
    description: 'The body is any JSON.',
    answers: steered,
    errors: ['run.not_found', 'run.finished'],
    examples: { note: { text: 'the customer called again' } },
  })
  signal(
    @From() caller: Caller,
    @Param('id') id: string,
    @Param('name') name: string,
    @Body({ schema: jsonSchema.default(null) }) data: Json,
  ) {
    return this.steering.signal(caller, id, name, data);
  }
}
