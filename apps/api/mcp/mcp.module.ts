import { Module } from '@nestjs/common';
import { AgentsModule } from '../agents/agents.module.js';
import { ApprovalsModule } from '../approvals/approvals.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { WorkflowsModule } from '../workflows/workflows.module.js';
import { ApprovalTools } from './approval-tools.js';
import { McpController } from './mcp.controller.js';
import { Mcp } from './mcp.service.js';
import { RegistryTools } from './registry-tools.js';
import { RunFollower } from './run-follower.js';
import { RunTools } from './run-tools.js';

@Module({
  imports: [RunsModule, AgentsModule, WorkflowsModule, ApprovalsModule],
  controllers: [McpController],
  providers: [RunFollower, RunTools, RegistryTools, ApprovalTools, Mcp],
})
export class McpModule {}
