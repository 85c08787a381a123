import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import { type PutSecret, putSecretSchema, secretSummarySchema } from '../../../contracts/secrets.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { SecretsService } from './secrets.service.js';

@Controller('v1/secrets')
export class SecretsController {
  constructor(private readonly secrets: SecretsService) {}

  @Get()
  @Permission('secret:read')
  @Describe({
    summary: 'List secrets by name, without their values',
    answers: { 200: pageSchema(secretSummarySchema) },
  })
  list(@From() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.secrets.list(caller, query);
  }

  @Put(':name')
  @Permission('secret:write')
  @Describe({
    summary: 'Keep a secret',
    description:
      'Sealed at rest, and never readable again: `$secrets.<name>` in calls of definitions uses it. 201 when it is new.',
    answers: { 200: secretSummarySchema, 201: secretSummarySchema },
    errors: ['dependency.unavailable'],
    examples: { token: { value: 'xoxb-…' }, login: { value: { username: 'brikk', password: '…' } } },
  })
  put(@From() caller: Caller, @Param('name') name: string, @Body({ schema: putSecretSchema }) secret: PutSecret) {
    return this.secrets.put(caller, name, secret);
  }

  @Delete(':name')
  @HttpCode(204)
  @Permission('secret:write')
  @Describe({ summary: 'Delete a secret', answers: { 204: null }, errors: ['secret.not_found'] })
  remove(@From() caller: Caller, @Param('name') name: string) {
    return this.secrets.remove(caller, name);
  }
}
