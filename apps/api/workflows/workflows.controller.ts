import { Body, Controller, Get, Headers, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { z } from 'zod';
import { definitionDocumentSchema } from '../../../contracts/checked-definition.js';
import { definitionGraphSchema } from '../../../contracts/definition-graph.js';
import type { Json } from '../../../contracts/json.js';
import { pageSchema } from '../../../contracts/lists.js';
import {
  type ListWorkflows,
  listWorkflowsSchema,
  publishedWorkflowSchema,
  workflowSchema,
} from '../../../contracts/workflows.js';
import { definitionGraph } from '../../../workflows/language/graph/definition-graph.js';
import { mermaidOf } from '../../../workflows/language/graph/mermaid.js';
import { accepts } from '../common/accept.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { Reply } from '../common/reply.js';
import { type Caller, From } from '../common/request.js';
import { RUN_EXAMPLES } from '../runs/run-examples.js';
import { WorkflowsService } from './workflows.service.js';

const YAML = 'application/yaml';
const formatSchema = z.strictObject({
  format: z
    .enum(['definition', 'graph', 'mermaid'])
    .default('definition')
    .describe('The definition, its nodes and edges, or Mermaid text of them.'),
});
const documentText = z.string('must be a workflow definition in JSON or YAML').min(1);
const { definition: EXAMPLE } = RUN_EXAMPLES.definition as { definition: Json };

@Controller('v1/workflows')
export class WorkflowsController {
  constructor(private readonly workflows: WorkflowsService) {}

  @Post()
  @Permission('workflow:write')
  @Describe({
    summary: 'Publish a version of a workflow definition',
    description: 'A version never changes: the same content again answers 200, other content is a conflict.',
    answers: { 201: publishedWorkflowSchema, 200: publishedWorkflowSchema },
    errors: ['workflow.invalid', 'workflow.conflict'],
    document: definitionDocumentSchema,
    examples: { incident: EXAMPLE },
    idempotent: true,
  })
  async publish(@From() caller: Caller, @Body({ schema: documentText }) text: string) {
    const { status, body: published } = await this.workflows.publish(caller, text);
    return new Reply(status, published);
  }

  @Get()
  @Permission('workflow:read')
  @Describe({ summary: 'List workflows, each in its newest version', answers: { 200: pageSchema(workflowSchema) } })
  list(@From() caller: Caller, @Query({ schema: listWorkflowsSchema }) query: ListWorkflows) {
    return this.workflows.list(caller, query);
  }

  @Get(':namespace/:name')
  @Permission('workflow:read')
  @Describe({
    summary: 'The versions of a workflow, the newest first',
    answers: { 200: pageSchema(workflowSchema) },
    errors: ['workflow.not_found'],
  })
  versions(@From() caller: Caller, @Param('namespace') namespace: string, @Param('name') name: string) {
    return this.workflows.versions(caller, namespace, name);
  }

  @Get(':namespace/:name/:version')
  @Permission('workflow:read')
  @Describe({
    summary: 'A definition as it was published',
    description:
      'YAML or JSON by `Accept`; the version `latest` is the newest. Or a drawing: `format=graph` is JSON, ' +
      '`format=mermaid` text.',
    answers: { 200: z.union([definitionDocumentSchema, definitionGraphSchema]) },
    answerExample: EXAMPLE,
    errors: ['workflow.not_found'],
    produces: ['application/json', YAML, 'text/plain'],
    textExample: "document: { dsl: '1.0.3', namespace: support, name: incident, version: '1.0.0' }\ndo: []\n",
  })
  async get(
    @From() caller: Caller,
    @Param() { namespace, name, version }: { namespace: string; name: string; version: string },
    @Query({ schema: formatSchema }) { format }: z.infer<typeof formatSchema>,
    @Headers('accept') accept: string | undefined,
  ) {
    const found = await this.workflows.get(caller, namespace, name, version);
    if (format === 'graph') return definitionGraph(found.definition);
    if (format === 'mermaid') {
      const drawing = mermaidOf(definitionGraph(found.definition));
      return new StreamableFile(Buffer.from(drawing), { type: 'text/plain; charset=utf-8' });
    }
    if (!accept || accepts(accept, ['application/json'])) return found.definition;
    return new StreamableFile(Buffer.from(found.yaml), { type: YAML });
  }
}
