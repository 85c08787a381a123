import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { inboundReceiptSchema } from '../../../contracts/inbound-events.js';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import {
  type ChangeWebhookSource,
  changeWebhookSourceSchema,
  type CreateWebhookSource,
  createdWebhookSourceSchema,
  createWebhookSourceSchema,
  type RotateSecret,
  rotateSecretSchema,
  type TestWebhook,
  testWebhookSchema,
  webhookSourceSchema,
} from '../../../contracts/webhook-sources.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { DeliveriesService } from './deliveries.service.js';
import { SOURCE_EXAMPLES } from './webhook-source-examples.js';
import { WebhookSourcesService } from './webhook-sources.service.js';

@Controller('v1/webhook-sources')
export class WebhookSourcesController {
  constructor(
    private readonly sources: WebhookSourcesService,
    private readonly deliveries: DeliveriesService,
  ) {}

  @Post()
  @HttpCode(201)
  @Permission('webhook-source:write')
  @Describe({
    summary: 'Create a webhook source',
    description:
      'Its URL takes deliveries that are signed with its secret; the routes say what becomes of them. The secret is made ' +
      'up unless given, sealed at rest, and shown here alone.',
    answers: { 201: createdWebhookSourceSchema },
    errors: ['webhook_source.conflict', 'expression.invalid'],
    examples: SOURCE_EXAMPLES,
    idempotent: true,
  })
  create(@From() caller: Caller, @Body({ schema: createWebhookSourceSchema }) source: CreateWebhookSource) {
    return this.sources.create(caller, source);
  }

  @Get()
  @Permission('webhook-source:read')
  @Describe({ summary: 'List webhook sources by name', answers: { 200: pageSchema(webhookSourceSchema) } })
  list(@From() caller: Caller, @Query({ schema: pageQuerySchema }) page: PageQuery) {
    return this.sources.list(caller, page);
  }

  @Get(':id')
  @Permission('webhook-source:read')
  @Describe({
    summary: 'One webhook source',
    answers: { 200: webhookSourceSchema },
    errors: ['webhook_source.not_found'],
  })
  get(@From() caller: Caller, @Param('id') id: string) {
    return this.sources.get(caller, id);
  }

  @Patch(':id')
  @Permission('webhook-source:write')
  @Describe({
    summary: 'Change a webhook source',
    description: 'What is said changes; events that wait to be routed go by the new routes.',
    answers: { 200: webhookSourceSchema },
    errors: ['webhook_source.not_found', 'webhook_source.conflict', 'expression.invalid'],
    examples: { disable: { state: 'disabled' } },
  })
  change(
    @From() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: changeWebhookSourceSchema }) change: ChangeWebhookSource,
  ) {
    return this.sources.change(caller, id, change);
  }

  @Post(':id/secret/rotate')
  @HttpCode(200)
  @Permission('webhook-source:write')
  @Describe({
    summary: 'Replace the secret',
    description: 'The one before goes on verifying for a day, unless said.',
    answers: { 200: createdWebhookSourceSchema },
    errors: ['webhook_source.not_found'],
    examples: { madeUp: {}, given: { secret: 'a-secret-that-the-shop-shows', overlapMs: 3_600_000 } },
    idempotent: true,
  })
  rotate(@From() caller: Caller, @Param('id') id: string, @Body({ schema: rotateSecretSchema }) rotate: RotateSecret) {
    return this.sources.rotate(caller, id, rotate);
  }

  @Post(':id/test')
  @HttpCode(202)
  @Permission('webhook-source:write')
  @Describe({
    summary: 'Send a delivery as the provider would',
    description:
      'Signed with the secret of the source and taken like any other: verified, kept, and routed. What its route does is ' +
      'really done.',
    answers: { 202: inboundReceiptSchema },
    errors: ['webhook_source.not_found'],
    examples: { issue: { headers: { 'X-GitHub-Event': 'ping' }, body: { zen: 'Keep it logically awesome.' } } },
  })
  test(@From() caller: Caller, @Param('id') id: string, @Body({ schema: testWebhookSchema }) sample: TestWebhook) {
    return this.deliveries.test(caller, id, sample);
  }

  @Delete(':id')
  @HttpCode(204)
  @Permission('webhook-source:write')
  @Describe({
    summary: 'Delete a webhook source with all that came',
    answers: { 204: null },
    errors: ['webhook_source.not_found'],
  })
  remove(@From() caller: Caller, @Param('id') id: string) {
    return this.sources.remove(caller, id);
  }
}
