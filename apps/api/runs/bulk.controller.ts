import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  acceptedBulkSchema,
  bulkItemDetailSchema,
  bulkItemSchema,
  type ListItems,
  listItemsSchema,
  MAX_BULK_BYTES,
  type StartBulk,
  startBulkSchema,
} from '../../../contracts/bulk.js';
import { pageSchema } from '../../../contracts/lists.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { BulkService } from './bulk.service.js';

const EXAMPLE = {
  pattern: 'agent',
  with: { capability: 'triage' },
  inputs: ['Disk full on db-3', 'Login fails for half of the users'],
  maxConcurrency: 100,
};

@Controller('v1/runs')
export class BulkController {
  constructor(private readonly bulk: BulkService) {}

  @Post('bulk')
  @HttpCode(202)
  @Permission('run:start')
  @Describe({
    summary: 'Start one pattern for each of many inputs',
    description:
      'Up to 10,000 inputs, 32 MiB. All of them are on record before the answer, or none is. The bulk run counts its items; they fail and end each by itself.',
    answers: { 202: acceptedBulkSchema },
    errors: ['expression.invalid'],
    examples: { triage: EXAMPLE },
    maxBodyBytes: MAX_BULK_BYTES,
    idempotent: true,
  })
  start(@From() caller: Caller, @Body({ schema: startBulkSchema }) start: StartBulk) {
    return this.bulk.start(caller, start);
  }

  @Get(':id/items')
  @Permission('run:read')
  @Describe({
    summary: 'The items of a bulk run in the order of its inputs',
    answers: { 200: pageSchema(bulkItemSchema) },
    errors: ['run.not_found', 'run.not_bulk'],
  })
  list(@From() caller: Caller, @Param('id') id: string, @Query({ schema: listItemsSchema }) query: ListItems) {
    return this.bulk.list(caller, id, query);
  }

  @Get(':id/items/:index')
  @Permission('run:read')
  @Describe({
    summary: 'One item of a bulk run: input, output, and the calls that made it',
    answers: { 200: bulkItemDetailSchema },
    errors: ['run.not_found', 'run.not_bulk', 'run.item_not_found'],
  })
  get(@From() caller: Caller, @Param('id') id: string, @Param('index') index: string) {
    return this.bulk.get(caller, id, index);
  }
}
