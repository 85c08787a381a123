import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import {
  apiKeySchema,
  type CreateApiKey,
  createApiKeySchema,
  createdApiKeySchema,
} from '../../../contracts/organisations.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { ApiKeysService } from './api-keys.service.js';

@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @HttpCode(201)
  @Permission('api-key:write')
  @Describe({
    summary: 'Create an API key',
    description:
      'The key is shown once and may do no more than its creator; a repeat answers `keyShown: true` instead.',
    answers: { 201: createdApiKeySchema },
    examples: {
      operator: { name: 'night-shift', role: 'operator' },
      agent: { name: 'triage', role: 'developer', scopes: ['agent:self'] },
    },
    idempotent: true,
  })
  create(@From() caller: Caller, @Body({ schema: createApiKeySchema }) key: CreateApiKey) {
    return this.keys.create(caller, key);
  }

  @Get()
  @Permission('api-key:read')
  @Describe({ summary: 'List API keys', answers: { 200: pageSchema(apiKeySchema) } })
  list(@From() caller: Caller, @Query({ schema: pageQuerySchema }) page: PageQuery) {
    return this.keys.list(caller, page);
  }

  @Delete(':id')
  @HttpCode(204)
  @Permission('api-key:write')
  @Describe({ summary: 'Revoke an API key', answers: { 204: null }, errors: ['api_key.not_found'] })
  revoke(@From() caller: Caller, @Param('id') id: string) {
    return this.keys.revoke(caller, id);
  }
}
