import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import {
  type RecoverEndpoint,
  recoverEndpointSchema,
  replayedDeliveriesSchema,
  webhookDeliverySchema,
} from '../../../contracts/webhook-deliveries.js';
import {
  type ChangeWebhookEndpoint,
  changeWebhookEndpointSchema,
  type CreateWebhookEndpoint,
  createdWebhookEndpointSchema,
  createWebhookEndpointSchema,
  type RotateEndpointSecret,
  rotateEndpointSecretSchema,
  webhookEndpointSchema,
} from '../../../contracts/webhook-endpoints.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { ENDPOINT_EXAMPLES } from './webhook-endpoint-examples.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';

@Controller('v1/webhook-endpoints')
export class WebhookEndpointsController {
  constructor(private readonly endpoints: WebhookEndpointsService) {}

  @Post()
  @HttpCode(201)
  @Permission('webhook-endpoint:write')
  @Describe({
    summary: 'Create a webhook endpoint',
    description:
      'Events of its types are sent there, signed by Standard Webhooks 1.0 and repeated until they are taken. The secret is ' +
      'sealed at rest, and shown here alone. Addresses that are not public are refused, unless the operator allows them.',
    answers: { 201: createdWebhookEndpointSchema },
    errors: ['webhook_endpoint.conflict', 'expression.invalid'],
    examples: ENDPOINT_EXAMPLES,
    idempotent: true,
  })
  create(@From() caller: Caller, @Body({ schema: createWebhookEndpointSchema }) endpoint: CreateWebhookEndpoint) {
    return this.endpoints.create(caller, endpoint);
  }

  @Get()
  @Permission('webhook-endpoint:read')
  @Describe({ summary: 'List webhook endpoints by name', answers: { 200: pageSchema(webhookEndpointSchema) } })
  list(@From() caller: Caller, @Query({ schema: pageQuerySchema }) page: PageQuery) {
    return this.endpoints.list(caller, page);
  }

  @Get(':id')
  @Permission('webhook-endpoint:read')
  @Describe({
    summary: 'One webhook endpoint',
    answers: { 200: webhookEndpointSchema },
    errors: ['webhook_endpoint.not_found'],
  })
  get(@From() caller: Caller, @Param('id') id: string) {
    return this.endpoints.get(caller, id);
  }

  @Patch(':id')
  @Permission('webhook-endpoint:write')
  @Describe({
    summary: 'Change a webhook endpoint',
    description:
      'What is said changes, null takes away. Disabled, its open deliveries are skipped and those that come are kept; ' +
      '`recover` sends them.',
    answers: { 200: webhookEndpointSchema },
    errors: ['webhook_endpoint.not_found', 'webhook_endpoint.conflict', 'expression.invalid'],
    examples: { disable: { state: 'disabled' }, everything: { types: ['*'], filter: null } },
  })
  change(
    @From() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: changeWebhookEndpointSchema }) change: ChangeWebhookEndpoint,
  ) {
    return this.endpoints.change(caller, id, change);
  }

  @Post(':id/secret/rotate')
  @HttpCode(200)
  @Permission('webhook-endpoint:write')
  @Describe({
    summary: 'Sign with a new key',
    description: 'Those before it, three at most, sign beside it for a day, unless said.',
    answers: { 200: createdWebhookEndpointSchema },
    errors: ['webhook_endpoint.not_found'],
    examples: { hmac: {}, ed25519: { kind: 'ed25519', overlapMs: 3_600_000 } },
    idempotent: true,
  })
  rotate(
    @From() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: rotateEndpointSecretSchema }) rotate: RotateEndpointSecret,
  ) {
    return this.endpoints.rotate(caller, id, rotate);
  }

  @Post(':id/test')
  @HttpCode(202)
  @Permission('webhook-endpoint:write')
  @Describe({
    summary: 'Send a sample',
    description: 'An event of the type `endpoint.test`, to this endpoint alone, whatever its types and its filter say.',
    answers: { 202: webhookDeliverySchema },
    errors: ['webhook_endpoint.not_found'],
  })
  test(@From() caller: Caller, @Param('id') id: string) {
    return this.endpoints.test(caller, id);
  }

  @Post(':id/recover')
  @HttpCode(202)
  @Permission('webhook-delivery:replay')
  @Describe({
    summary: 'Send again what was never delivered',
    description: 'What is dead, skipped or cancelled since then, within 14 days; after fresh events.',
    answers: { 202: replayedDeliveriesSchema },
    errors: ['webhook_endpoint.not_found'],
    examples: { since: { since: '2026-11-22T00:00:00Z' } },
  })
  recover(
    @From() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: recoverEndpointSchema }) request: RecoverEndpoint,
  ) {
    return this.endpoints.recover(caller, id, request);
  }

  @Delete(':id')
  @HttpCode(204)
  @Permission('webhook-endpoint:write')
  @Describe({
    summary: 'Delete a webhook endpoint with its deliveries',
    answers: { 204: null },
    errors: ['webhook_endpoint.not_found'],
  })
  remove(@From() caller: Caller, @Param('id') id: string) {
    return this.endpoints.remove(caller, id);
  }
}
