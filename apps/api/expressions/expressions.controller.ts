import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { type Evaluate, evaluateSchema, expressionResultsSchema } from '../../../contracts/expressions.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { ExpressionsService } from './expressions.service.js';

@Controller('v1/expressions')
export class ExpressionsController {
  constructor(private readonly expressions: ExpressionsService) {}

  @Post('evaluate')
  @HttpCode(200)
  @Permission('expression:evaluate')
  @Describe({
    summary: 'Evaluate a jq expression',
    description: 'The language of `${ }` in runs, with the same limits: 1,000,000 steps, 1 MiB of results.',
    answers: { 200: expressionResultsSchema },
    errors: ['expression.invalid', 'expression.failed'],
    examples: { average: { expression: 'map(.score) | add / length', input: [{ score: 3 }, { score: 5 }] } },
    answerExample: { results: [4] },
  })
  evaluate(@Body({ schema: evaluateSchema }) request: Evaluate) {
    return this.expressions.evaluate(request);
  }
}
