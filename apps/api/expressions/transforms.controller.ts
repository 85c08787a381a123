import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import { jsonSchema } from '../../../contracts/json.js';
import { jqSchema } from '../../../contracts/webhook-routes.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { variablesSchema } from './expressions.controller.js';
import { ExpressionsService } from './expressions.service.js';

const previewSchema = z
  .strictObject({
    filter: jqSchema.optional().describe('jq: whether anything goes out.'),
    transform: jqSchema.optional().describe('jq: what goes out, a message for each value; the sample unless said.'),
    sample: jsonSchema,
    variables: variablesSchema.describe('Such as headers, source and id for routes of webhooks.'),
  })
  .meta({ id: 'PreviewTransform' });
export type PreviewTransform = z.infer<typeof previewSchema>;
const previewedSchema = z.object({ fits: z.boolean(), results: z.array(jsonSchema) }).meta({ id: 'TransformPreview' });

@Controller('v1/transforms')
export class TransformsController {
  constructor(private readonly expressions: ExpressionsService) {}

  @Post('preview')
  @HttpCode(200)
  @Permission('expression:evaluate')
  @Describe({
    summary: 'Try a filter and a transformation on a sample',
    description: 'With the limits of webhooks: 100,000 steps, 256 KiB of results. What does not fit has no results.',
    answers: { 200: previewedSchema },
    errors: ['expression.invalid', 'expression.failed'],
    examples: {
      items: {
        filter: '.paid',
        transform: '.items[] | {sku}',
        sample: { paid: true, items: [{ sku: 'a' }, { sku: 'b' }] },
      },
    },
    answerExample: { fits: true, results: [{ sku: 'a' }, { sku: 'b' }] },
  })
  preview(@Body({ schema: previewSchema }) request: PreviewTransform) {
    return this.expressions.preview(request);
  }
}
