import { Module } from '@nestjs/common';
import { AgentSearchService } from './agent-search.service.js';
import { AgentsController } from './agents.controller.js';
import { AgentsService } from './agents.service.js';

@Module({ controllers: [AgentsController], providers: [AgentsService, AgentSearchService], exports: [AgentsService] })
export class AgentsModule {}
