import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import type { ErrorCode } from '../../../contracts/errors.js';
import {
  type AppendMemory,
  appendMemorySchema,
  type ListMemory,
  listMemorySchema,
  type PutMemory,
  putMemorySchema,
} from '../../../contracts/memory.js';
import { Describe, type Description } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { MEMORY_ROUTES } from './memory-descriptions.js';
import { MemoryService, type Preconditions } from './memory.service.js';

const ofAgent = ({ errors = [], ...rest }: Description & { errors?: readonly ErrorCode[] }, summary: string) =>
  Describe({ ...rest, summary, errors: [...errors, 'agent.not_found'] });

/** What an agent keeps for itself: shared memory that only its instances and those who look after it reach. */
@Controller('v1/agents/:id/state')
export class AgentStateController {
  constructor(private readonly memory: MemoryService) {}

  @Get()
  @Permission('agent-state:read')
  @ofAgent(MEMORY_ROUTES.list, "List an agent's state, by key")
  list(@From() caller: Caller, @Param('id') agent: string, @Query({ schema: listMemorySchema }) query: ListMemory) {
    return this.memory.list(caller, { agent }, query);
  }

  @Get(':key')
  @Permission('agent-state:read')
  @ofAgent(MEMORY_ROUTES.get, "Read an agent's state")
  get(@From() caller: Caller, @Param('id') agent: string, @Param('key') key: string) {
    return this.memory.get(caller, { agent, key });
  }

  @Put(':key')
  @Permission('agent-state:write')
  @ofAgent(MEMORY_ROUTES.put, "Keep an agent's state")
  put(
    @From() caller: Caller,
    @Param('id') agent: string,
    @Param('key') key: string,
    @Headers() headers: Preconditions,
    @Body({ schema: putMemorySchema }) change: PutMemory,
  ) {
    return this.memory.put(caller, { agent, key }, change, headers);
  }

  @Post(':key/append')
  @Permission('agent-state:write')
  @ofAgent(MEMORY_ROUTES.append, "Append an item to a list in an agent's state")
  append(
    @From() caller: Caller,
    @Param('id') agent: string,
    @Param('key') key: string,
    @Body({ schema: appendMemorySchema }) change: AppendMemory,
  ) {
    return this.memory.append(caller, { agent, key }, change);
  }

  @Delete(':key')
  @HttpCode(204)
  @Permission('agent-state:write')
  @ofAgent(MEMORY_ROUTES.remove, "Forget an agent's state")
  remove(
    @From() caller: Caller,
    @Param('id') agent: string,
    @Param('key') key: string,
    @Headers() headers: Preconditions,
  ) {
    return this.memory.remove(caller, { agent, key }, headers);
  }
}
