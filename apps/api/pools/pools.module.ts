import { Module } from '@nestjs/common';
import { AgentTemplatesController } from './agent-templates.controller.js';
import { PoolsController } from './pools.controller.js';
import { PoolsService } from './pools.service.js';

@Module({ controllers: [AgentTemplatesController, PoolsController], providers: [PoolsService] })
export class PoolsModule {}
