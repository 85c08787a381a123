import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { type ToldProgress, toldProgressSchema } from '../../../contracts/agent-progress.js';
import {
  type AnsweredAttempt,
  type LaterAnswer,
  laterAnswerSchema,
  laterReceiptSchema,
  progressReceiptSchema,
} from '../../../contracts/later-answers.js';
import { Describe } from '../common/describe.decorator.js';
import { CallbackToken } from '../common/permission.decorator.js';
import { Answered } from '../common/request.js';
import { CallsService } from './calls.service.js';

const MAX_ANSWER_BYTES = 10 * 1_024 * 1_024;

@Controller('v1/calls')
export class CallsController {
  constructor(private readonly calls: CallsService) {}

  @Post(':token')
  @HttpCode(200)
  @CallbackToken()
  @Describe({
    summary: 'Answer a call later',
    description:
      'Where an agent that answered 202 posts its answer: the body of a direct answer, or `{status, detail}` of the failure ' +
      'that would have stood in its stead. The URL comes with the request to the agent (`run.callbackUrl`) and needs no key. ' +
      'The first answer stands; the same one again is a duplicate.',
    answers: { 200: laterReceiptSchema },
    errors: ['call.not_found', 'call.closed', 'call.answered', 'run.finished', 'dependency.unavailable'],
    examples: {
      output: { output: { severity: 'high' }, confidence: 0.9, usage: { inputTokens: 120, costUsd: 0.002 } },
      failure: { status: 503, detail: 'the model is overloaded' },
      question: { inputRequired: { question: 'Which of the two invoices?', schema: { enum: ['A-1', 'A-2'] } } },
    },
    maxBodyBytes: MAX_ANSWER_BYTES,
  })
  answer(@Answered() attempt: AnsweredAttempt, @Body({ schema: laterAnswerSchema }) answer: LaterAnswer) {
    return this.calls.answer(attempt, answer);
  }

  @Post(':token/progress')
  @HttpCode(200)
  @CallbackToken()
  @Describe({
    summary: 'Tell how far a call is',
    description:
      'What an agent that answered 202 says while it works, at `run.callbackUrl` and `/progress`: `timeout.idle` of the call ' +
      'begins anew, and the run tells it as `call.progress`, at most once a second. `{}` says that the agent is alive. ' +
      '`silentAt` is when its silence will have been too long.',
    answers: { 200: progressReceiptSchema },
    errors: ['call.not_found', 'call.closed', 'run.finished', 'dependency.unavailable'],
    examples: {
      progress: { fraction: 0.4, message: 'reading page 4 of 10', data: { page: 4 } },
      text: { text: 'The outage began ' },
      alive: {},
    },
  })
  progress(@Answered() attempt: AnsweredAttempt, @Body({ schema: toldProgressSchema }) said: ToldProgress) {
    return this.calls.progress(attempt, said);
  }
}
