import { Module } from '@nestjs/common';
import { RunEventsController } from './run-events.controller.js';
import { RunEventsService } from './run-events.service.js';
import { RunWaits } from './run-waits.js';
import { RunsController } from './runs.controller.js';
import { RunsService } from './runs.service.js';
import { SteeringController } from './steering.controller.js';
import { SteeringService } from './steering.service.js';

@Module({
  controllers: [RunsController, RunEventsController, SteeringController],
  providers: [RunsService, RunEventsService, SteeringService, RunWaits],
})
export class RunsModule {}
