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

interface Place {
  scope: string;
  scopeId: string;
}
interface Address extends Place {
  key: string;
}

/** Of a run, or of a session, whose name callers choose. */
const here = ({ errors = [], ...rest }: Description & { errors?: readonly ErrorCode[] }) =>
  Describe({ ...rest, errors: [...errors, 'run.not_found'] });

@Controller('v1/memory/:scope/:scopeId')
export class MemoryController {
  constructor(private readonly memory: MemoryService) {}

  @Get()
  @Permission('memory:read')
  @here(MEMORY_ROUTES.list)
  list(@From() caller: Caller, @Param() place: Place, @Query({ schema: listMemorySchema }) query: ListMemory) {
    return this.memory.list(caller, place, query);
  }

  @Get(':key')
  @Permission('memory:read')
  @here(MEMORY_ROUTES.get)
  get(@From() caller: Caller, @Param() address: Address) {
    return this.memory.get(caller, address);
  }

  @Put(':key')
  @Permission('memory:write')
  @here(MEMORY_ROUTES.put)
  put(
    @From() caller: Caller,
    @Param() address: Address,
    @Headers() headers: Preconditions,
    @Body({ schema: putMemorySchema }) change: PutMemory,
  ) {
    return this.memory.put(caller, address, change, headers);
  }

  @Post(':key/append')
  @Permission('memory:write')
  @here(MEMORY_ROUTES.append)
  append(
    @From() caller: Caller,
    @Param() address: Address,
    @Body({ schema: appendMemorySchema }) change: AppendMemory,
  ) {
    return this.memory.append(caller, address, change);
  }

  @Delete(':key')
  @HttpCode(204)
  @Permission('memory:write')
  @here(MEMORY_ROUTES.remove)
  remove(@From() caller: Caller, @Param() address: Address, @Headers() headers: Preconditions) {
    return this.memory.remove(caller, address, headers);
  }
}
