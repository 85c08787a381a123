import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { z } from 'zod';
import { foundAgentsSchema, type SearchAgents, searchAgentsSchema } from '../../../contracts/agent-search.js';
import {
  agentSchema,
  agentSummarySchema,
  type Heartbeat,
  heartbeatAnswerSchema,
  heartbeatSchema,
  INSTANCE_STATES,
  type RegisterAgent,
  registerAgentSchema,
  registeredAgentSchema,
} from '../../../contracts/agents.js';
import { nameSchema, versionSchema } from '../../../contracts/json.js';
import { pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import { Describe } from '../common/describe.decorator.js';
import { labelFilterSchema } from '../common/filters.js';
import { Permission } from '../common/permission.decorator.js';
import { Reply } from '../common/reply.js';
import { type Caller, From } from '../common/request.js';
import { AgentSearchService } from './agent-search.service.js';
import { AgentsService } from './agents.service.js';

const listAgentsSchema = pageQuerySchema.extend({
  capability: nameSchema.optional(),
  state: z.enum(INSTANCE_STATES).optional(),
  label: labelFilterSchema.optional(),
  version: versionSchema.optional(),
});
type ListAgents = z.infer<typeof listAgentsSchema>;

const registration = {
  name: 'triage',
  version: '1.0.0',
  protocol: 'http',
  endpoint: 'http://127.0.0.1:9001',
  capabilities: [{ name: 'triage', description: 'Severity and owner of an incident' }],
};

const model = {
  name: 'editor',
  version: '1.0.0',
  protocol: 'llm',
  endpoint: 'http://127.0.0.1:11434/v1',
  llm: { provider: 'openai-compatible', model: 'qwen3', system: 'You edit incident reports.' },
  capabilities: [{ name: 'edit', description: 'Makes a report short and clear' }],
};

const server = {
  name: 'library',
  version: '1.0.0',
  protocol: 'mcp',
  endpoint: 'https://mcp.example.com/mcp',
  remote: { secret: 'library-token', refreshSeconds: 600 },
};

@Controller('v1/agents')
export class AgentsController {
  constructor(
    private readonly agents: AgentsService,
    private readonly searches: AgentSearchService,
  ) {}

  @Post()
  @Permission('agent:write')
  @Describe({
    summary: 'Register an agent instance',
    description:
      'The same name, version and endpoint again renews the same instance (200). Requests to the agent are signed with ' +
      'the secret in the answer; a repeat under the same idempotency key answers without it. An agent of the protocol llm ' +
      'is a language model: nobody serves it, it has no such secret and sends no heartbeats. One of the protocol mcp is an ' +
      'MCP server, which is asked for its tools now and every so often: they are its capabilities, as are the skills in the ' +
      'card of an agent of the protocol a2a.',
    answers: { 201: registeredAgentSchema, 200: registeredAgentSchema },
    errors: [
      'agent.protocol_unsupported',
      'agent.unavailable',
      'agent.timeout',
      'agent.permanent',
      'agent.invalid_output',
      'dependency.unavailable',
    ],
    examples: { agent: registration, model, server },
    idempotent: true,
  })
  async register(@From() caller: Caller, @Body({ schema: registerAgentSchema }) agent: RegisterAgent) {
    const { status, body } = await this.agents.register(caller, agent);
    return new Reply(status, body);
  }

  @Get()
  @Permission('agent:read')
  @Describe({ summary: 'List agents', answers: { 200: pageSchema(agentSummarySchema) } })
  list(@From() caller: Caller, @Query({ schema: listAgentsSchema }) query: ListAgents) {
    return this.agents.list(caller, query);
  }

  @Post('search')
  @HttpCode(200)
  @Permission('agent:read')
  @Describe({
    summary: 'Rank the live candidates of a capability, or of a contract',
    description:
      'All that is said must hold. `accepts` is an input that the capability must take; `inputSchema` says what will be sent ' +
      'and `outputSchema` what is wanted back, each compared with what the agent declares: whatever fits the one must fit the ' +
      'other. Who declares no input schema takes anything; who declares no output schema promises nothing. What cannot be ' +
      'shown to fit is among `unfit`, with the reason.',
    answers: { 200: foundAgentsSchema },
    examples: {
      triage: { capability: 'triage', versionRange: '^1.0.0' },
      input: { accepts: { report: 'The login page answers 500.' }, tags: ['incidents'] },
      contract: {
        inputSchema: { type: 'object', properties: { report: { type: 'string' } }, required: ['report'] },
        outputSchema: { type: 'object', properties: { severity: { enum: ['low', 'high'] } }, required: ['severity'] },
      },
    },
  })
  search(@From() caller: Caller, @Body({ schema: searchAgentsSchema }) search: SearchAgents) {
    return this.searches.search(caller, search);
  }

  @Get(':id')
  @Permission('agent:read')
  @Describe({
    summary: 'One agent with its instances and statistics',
    answers: { 200: agentSchema },
    errors: ['agent.not_found'],
  })
  get(@From() caller: Caller, @Param('id') id: string) {
    return this.agents.get(caller, id);
  }

  @Put(':id/instances/:instanceId/heartbeat')
  @Permission('agent:write', { uncounted: true })
  @Describe({
    summary: 'Renew the lease of an instance',
    description: '404 once the lease has expired and was swept: register again.',
    answers: { 200: heartbeatAnswerSchema },
    errors: ['agent.not_found', 'instance.not_found'],
    examples: { busy: { load: 0.4, inFlight: 2 } },
  })
  heartbeat(
    @From() caller: Caller,
    @Param('id') id: string,
    @Param('instanceId') instanceId: string,
    @Body({ schema: heartbeatSchema.default({}) }) heartbeat: Heartbeat,
  ) {
    return this.agents.heartbeat(caller, { id, instanceId }, heartbeat);
  }

  @Delete(':id/instances/:instanceId')
  @HttpCode(204)
  @Permission('agent:write')
  @Describe({
    summary: 'Drain an instance',
    description: 'It gets no new calls and ends when it is idle.',
    answers: { 204: null },
    errors: ['agent.not_found', 'instance.not_found'],
  })
  drain(@From() caller: Caller, @Param('id') id: string, @Param('instanceId') instanceId: string) {
    return this.agents.drain(caller, { id, instanceId });
  }
}
