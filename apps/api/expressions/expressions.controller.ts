import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import { jsonSchema } from '../../../contracts/json.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { ExpressionsService } from './expressions.service.js';

const variableName = z.string().regex(/^[A-Za-z_]\w{0,127}$/, 'must be a variable name without the $');
export const variablesSchema = z.record(variableName, jsonSchema).default({});
const evaluateSchema = z
  .strictObject({
    expression: z.string().min(1).max(65_536),
    input: jsonSchema.optional().default(null),
    variables: variablesSchema,
  })
  .meta({ id: 'EvaluateExpression' });
export type Evaluate = z.infer<typeof evaluateSchema>;
const resultsSchema = z.object({ results: z.array(jsonSchema) }).meta({ id: 'ExpressionResults' });

@Controller('v1/expressions')
export class ExpressionsController {
  constructor(private readonly expressions: ExpressionsService) {}

  @Post('evaluate')
  @HttpCode(200)
  @Permission('expression:evaluate')
  @Describe({
    summary: 'Evaluate a jq expression',
    description: 'The language of `${ }` in runs, with the same limits: 1,000,000 steps, 1 MiB of results.',
    answers: { 200: resultsSchema },
    errors: ['expression.invalid', 'expression.failed'],
    examples: { average: { expression: 'map(.score) | add / length', input: [{ score: 3 }, { score: 5 }] } },
    answerExample: { results: [4] },
  })
  evaluate(@Body({ schema: evaluateSchema }) request: Evaluate) {
    return this.expressions.evaluate(request);
  }
}
