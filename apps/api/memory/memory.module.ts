import { Module } from '@nestjs/common';
import { AgentStateController } from './agent-state.controller.js';
import { MemoryController } from './memory.controller.js';
import { MemoryService } from './memory.service.js';
import { OrganisationMemoryController } from './organisation-memory.controller.js';

/** The organisation's routes come first: `organisation` is no id of a run or session. */
@Module({
  controllers: [OrganisationMemoryController, MemoryController, AgentStateController],
  providers: [MemoryService],
})
export class MemoryModule {}
