import { Body, Controller, Param, Post } from '@nestjs/common';
import { feedbackSchema, type GiveFeedback, giveFeedbackSchema } from '../../../contracts/feedback.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { Reply } from '../common/reply.js';
import { type Caller, From } from '../common/request.js';
import { FeedbackService } from './feedback.service.js';

@Controller('v1/runs')
export class FeedbackController {
  constructor(private readonly feedback: FeedbackService) {}

  @Post(':id/feedback')
  @Permission('run:rate')
  @Describe({
    summary: 'Say how good a run was',
    description:
      'Of the whole run once it has ended, or of one of its calls. The last word of each key stands (200). It moves the ' +
      'reputation of the agents that did the work.',
    answers: { 201: feedbackSchema, 200: feedbackSchema },
    errors: ['run.not_found', 'run.not_finished', 'run.call_not_found'],
    examples: {
      run: { score: 0.9, comment: 'found the owner at once' },
      call: { score: 0.2, callKey: 'steps/triage' },
    },
    idempotent: true,
  })
  async give(
    @From() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: giveFeedbackSchema }) feedback: GiveFeedback,
  ) {
    const { status, body } = await this.feedback.give(caller, id, feedback);
    return new Reply(status, body);
  }
}
