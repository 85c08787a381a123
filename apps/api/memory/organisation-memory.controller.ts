import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  type AppendMemory,
  appendMemorySchema,
  type ListMemory,
  listMemorySchema,
  memoryHitSchema,
  type PutMemory,
  putMemorySchema,
  type SearchMemory,
  searchMemorySchema,
} from '../../../contracts/memory.js';
import { z } from 'zod';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { MEMORY_ROUTES } from './memory-descriptions.js';
import { MemoryService, type Preconditions } from './memory.service.js';

const place = { scope: 'organisation', scopeId: '' };

@Controller('v1/memory')
export class OrganisationMemoryController {
  constructor(private readonly memory: MemoryService) {}

  @Post('search')
  @HttpCode(200)
  @Permission('memory:read')
  @Describe({
    summary: 'Search what is remembered by words',
    description: 'Full-text search: "exact words", or, -without. The best first, with the place where the words stand.',
    answers: { 200: z.object({ items: z.array(memoryHitSchema) }) },
    errors: ['run.not_found'],
    examples: { words: { query: 'disk full', scope: 'session', scopeId: 'incident-4711' } },
  })
  search(@From() caller: Caller, @Body({ schema: searchMemorySchema }) search: SearchMemory) {
    return this.memory.search(caller, search);
  }

  @Get('organisation')
  @Permission('memory:read')
  @Describe(MEMORY_ROUTES.list)
  list(@From() caller: Caller, @Query({ schema: listMemorySchema }) query: ListMemory) {
    return this.memory.list(caller, place, query);
  }

  @Get('organisation/:key')
  @Permission('memory:read')
  @Describe(MEMORY_ROUTES.get)
  get(@From() caller: Caller, @Param('key') key: string) {
    return this.memory.get(caller, { ...place, key });
  }

  @Put('organisation/:key')
  @Permission('memory:write')
  @Describe(MEMORY_ROUTES.put)
  put(
    @From() caller: Caller,
    @Param('key') key: string,
    @Headers() headers: Preconditions,
    @Body({ schema: putMemorySchema }) change: PutMemory,
  ) {
    return this.memory.put(caller, { ...place, key }, change, headers);
  }

  @Post('organisation/:key/append')
  @Permission('memory:write')
  @Describe(MEMORY_ROUTES.append)
  append(
    @From() caller: Caller,
    @Param('key') key: string,
    @Body({ schema: appendMemorySchema }) change: AppendMemory,
  ) {
    return this.memory.append(caller, { ...place, key }, change);
  }

  @Delete('organisation/:key')
  @HttpCode(204)
  @Permission('memory:write')
  @Describe(MEMORY_ROUTES.remove)
  remove(@From() caller: Caller, @Param('key') key: string, @Headers() headers: Preconditions) {
    return this.memory.remove(caller, { ...place, key }, headers);
  }
}
