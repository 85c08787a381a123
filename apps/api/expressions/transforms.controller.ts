import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  type PreviewTransform,
  previewTransformSchema,
  transformPreviewSchema,
} from '../../../contracts/expressions.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { ExpressionsService } from './expressions.service.js';

@Controller('v1/transforms')
export class TransformsController {
  constructor(private readonly expressions: ExpressionsService) {}

  @Post('preview')
  @HttpCode(200)
  @Permission('expression:evaluate')
  @Describe({
    summary: 'Try a filter and a transformation on a sample',
    description: 'With the limits of webhooks: 100,000 steps, 256 KiB of results. What does not fit has no results.',
    answers: { 200: transformPreviewSchema },
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
  preview(@Body({ schema: previewTransformSchema }) request: PreviewTransform) {
    return this.expressions.preview(request);
  }
}
