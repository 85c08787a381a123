import { Module } from '@nestjs/common';
import { BulkController } from './bulk.controller.js';
import { BulkService } from './bulk.service.js';
import { FailedCallsController } from './failed-calls.controller.js';
import { FeedbackController } from './feedback.controller.js';
import { FeedbackService } from './feedback.service.js';
import { RunEventsController } from './run-events.controller.js';
import { RunEventsService } from './run-events.service.js';
import { RunWaits } from './run-waits.js';
import { RunsController } from './runs.controller.js';
import { RunsService } from './runs.service.js';
import { SteeringController } from './steering.controller.js';
import { SteeringService } from './steering.service.js';

@Module({
  controllers: [
    RunsController,
    BulkController,
    RunEventsController,
    SteeringController,
    FeedbackController,
    FailedCallsController,
  ],
  providers: [RunsService, BulkService, RunEventsService, SteeringService, FeedbackService, RunWaits],
  exports: [RunsService, RunEventsService, SteeringService, RunWaits],
})
export class RunsModule {}
