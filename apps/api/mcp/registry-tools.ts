import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { listWorkflowsSchema } from '../../../contracts/workflows.js';
import { AgentsService } from '../agents/agents.service.js';
import { WorkflowsService } from '../workflows/workflows.service.js';
import { type McpTool, tool } from './mcp-tool.js';

const page = {
  limit: z.int().min(1).max(200).default(50),
  cursor: z.string().optional().describe('nextCursor of the page before.'),
};

/** Who is there, and what may be started. */
@Injectable()
export class RegistryTools {
  constructor(
    private readonly agents: AgentsService,
    private readonly workflows: WorkflowsService,
  ) {}

  readonly all: McpTool[] = [
    tool({
      name: 'list_agents',
      title: 'List agents',
      description: 'Registered agents with their capabilities and states.',
      permission: 'agent:read',
      readOnly: true,
      input: z.strictObject({ capability: z.string().optional().describe('Only agents that offer it.'), ...page }),
      call: (query, { caller }) => this.agents.list(caller, query),
    }),
    tool({
      name: 'list_workflows',
      title: 'List workflows',
      description: 'Published workflows, which start_run starts by namespace/name.',
      permission: 'workflow:read',
      readOnly: true,
      input: z.strictObject({ namespace: listWorkflowsSchema.shape.namespace, ...page }),
      call: (query, { caller }) => this.workflows.list(caller, query),
    }),
  ];
}
