import { Controller, Get, Param } from '@nestjs/common';
import { functionSchema } from '../../../contracts/functions.js';
import { pageSchema } from '../../../contracts/lists.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { FunctionsService } from './functions.service.js';

@Controller('v1/functions')
export class FunctionsController {
  constructor(private readonly functions: FunctionsService) {}

  @Get()
  @Permission('function:read')
  @Describe({
    summary: 'List the catalogue: every pattern and connector with JSON Schemas of its parameters and output',
    answers: { 200: pageSchema(functionSchema) },
  })
  list() {
    return this.functions.list();
  }

  @Get(':name')
  @Permission('function:read')
  @Describe({
    summary: 'One function: JSON Schemas of its parameters and output, description, example',
    answers: { 200: functionSchema },
    errors: ['function.not_found'],
  })
  get(@Param('name') name: string) {
    return this.functions.get(name);
  }
}
