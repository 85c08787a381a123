import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  acceptedBulkSchema,
  bulkItemDetailSchema,
  bulkItemSchema,
  type ListItems,
  listItemsSchema,
  MAX_BULK_BYTES,
} from '../../../contracts/bulk.js';
import type { Json } from '../../../contracts/json.js';
import { pageSchema } from '../../../contracts/lists.js';
import { type StartBulkBody, startBulkBodySchema } from '../../../contracts/start-bulk.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { BulkService } from './bulk.service.js';

const TRIAGE = {
  pattern: 'agent',
  with: { capability: 'triage' },
  inputs: ['Disk full on db-3', 'Login fails for half of the users'],
  maxConcurrency: 100,
};

/** A workflow of the organisation, or one in place. */
const WORKFLOW: Json = {
  definition: {
    document: { dsl: '1.0.3', namespace: 'support', name: 'redacted-triage', version: '1.0.0' },
    do: [
      { redact: { call: 'agent', with: { capability: 'pii-scanner', input: '${ { text: .text } }' } } },
      { triage: { call: 'agent', with: { capability: 'triage', input: '${ { text: .redacted } }' } } },
    ],
  },
  inputs: [{ text: 'bob@example.com cannot log in' }, { text: 'Disk full on db-3' }],
};

@Controller('v1/runs')
export class BulkController {
  constructor(private readonly bulk: BulkService) {}

  @Post('bulk')
  @HttpCode(202)
  @Permission('run:start')
  @Describe({
    summary: 'Start one pattern or workflow for each of many inputs',
    description:
      'Up to 10,000 inputs, 32 MiB. All of them are on record before the answer, or none is. The bulk run counts its items; they fail and end each by itself. Items of a workflow are runs of their own, all of the version that was the newest when the bulk run was accepted unless one is named.',
    answers: { 202: acceptedBulkSchema },
    errors: ['expression.invalid', 'workflow.invalid', 'workflow.not_found', 'quota.exceeded'],
    examples: { triage: TRIAGE, workflow: WORKFLOW },
    maxBodyBytes: MAX_BULK_BYTES,
    idempotent: true,
  })
  start(@From() caller: Caller, @Body({ schema: startBulkBodySchema }) start: StartBulkBody) {
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
