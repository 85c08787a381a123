import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import { agentTemplateSchema, type PutAgentTemplate, putAgentTemplateSchema } from '../../../contracts/pools.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { PoolsService } from './pools.service.js';

@Controller('v1/agent-templates')
export class AgentTemplatesController {
  constructor(private readonly pools: PoolsService) {}

  @Get()
  @Permission('agent-template:read')
  @Describe({ summary: 'List agent templates by name', answers: { 200: pageSchema(agentTemplateSchema) } })
  list(@From() caller: Caller, @Query({ schema: pageQuerySchema }) page: PageQuery) {
    return this.pools.templates(caller, page);
  }

  @Put(':name')
  @Permission('agent-template:write')
  @Describe({
    summary: 'Create an agent template, or a new version of one',
    description:
      'How a process is started that serves an agent by the SDK. It runs as the user of the worker that hosts the pool, with ' +
      'a key that may touch this agent alone. Members of pools are brought to a new version one after the other. Refused ' +
      'where BRIKK_POOLS does not allow it.',
    answers: { 201: agentTemplateSchema, 200: agentTemplateSchema },
    errors: ['template.switched_off'],
    examples: {
      module: { agent: 'resize', module: '/srv/agents/resize.js', recovery: 'replacement' },
      command: { agent: 'ocr', command: ['python3', '-m', 'ocr_agent'], cwd: '/srv/ocr', env: { LANGS: 'de,en' } },
    },
  })
  put(
    @From() caller: Caller,
    @Param('name') name: string,
    @Body({ schema: putAgentTemplateSchema }) template: PutAgentTemplate,
  ) {
    return this.pools.putTemplate(caller, name, template);
  }

  @Get(':name')
  @Permission('agent-template:read')
  @Describe({ summary: 'One agent template', answers: { 200: agentTemplateSchema }, errors: ['template.not_found'] })
  get(@From() caller: Caller, @Param('name') name: string) {
    return this.pools.template(caller, name);
  }

  @Delete(':name')
  @HttpCode(204)
  @Permission('agent-template:write')
  @Describe({
    summary: 'Delete an agent template that no pool is made by',
    answers: { 204: null },
    errors: ['template.not_found', 'template.in_use'],
  })
  remove(@From() caller: Caller, @Param('name') name: string) {
    return this.pools.deleteTemplate(caller, name);
  }
}
