import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import { definitionCheckSchema, definitionDocumentSchema } from '../../../contracts/checked-definition.js';
import { jsonSchema } from '../../../contracts/json.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { LanguageService } from './language.service.js';

const documentText = z.string('must be a workflow definition in JSON or YAML').min(1);
const EXAMPLE = {
  document: { dsl: '1.0.3', namespace: 'support', name: 'incident', version: '1.0.0' },
  do: [{ triage: { call: 'agent', with: { capability: 'triage', input: '${ .ticket }' } } }],
};

@Controller('v1')
export class LanguageController {
  constructor(private readonly language: LanguageService) {}

  @Post('workflows/validate')
  @HttpCode(200)
  @Permission('expression:evaluate')
  @Describe({
    summary: 'Say what is wrong with a workflow definition',
    description: 'JSON or YAML. Everything in one pass, with line and column. A warning depends on this installation.',
    document: definitionDocumentSchema,
    answers: { 200: definitionCheckSchema },
    examples: { incident: EXAMPLE },
    answerExample: {
      valid: false,
      errors: [
        {
          line: 4,
          column: 17,
          path: '/do/0/triage/call',
          code: 'unknown-function',
          message: 'no function "agnet"',
          allowed: ['agent', 'market'],
          didYouMean: 'agent',
        },
      ],
      warnings: [],
    },
  })
  validate(@From() caller: Caller, @Body({ schema: documentText }) text: string) {
    return this.language.validate(caller, text);
  }

  @Get('schema/workflow.json')
  @Permission('function:read')
  @Describe({
    summary: 'The JSON Schema of workflow definitions, for editors',
    answers: { 200: z.record(z.string(), jsonSchema) },
    answerExample: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
  })
  schema() {
    return this.language.schema();
  }
}
