import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Describe } from '../common/describe.decorator.js';
import { Public } from '../common/permission.decorator.js';
import { DocsService } from './docs.service.js';

@Controller()
export class DocsController {
  constructor(private readonly docs: DocsService) {}

  @Get('openapi.json')
  @Public()
  @Describe({
    summary: 'This document',
    answers: { 200: z.looseObject({ openapi: z.string() }) },
    answerExample: { openapi: '3.1.0' },
  })
  openapi() {
    return this.docs.document();
  }
}
