import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import {
  type ListLeases,
  leaseSchema,
  listLeasesSchema,
  type PutResource,
  putResourceSchema,
  type RenewLease,
  renewLeaseSchema,
  type RequestLease,
  requestLeaseSchema,
  resourceSchema,
} from '../../../contracts/resources.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { ResourcesService } from './resources.service.js';

@Controller('v1/resources')
export class ResourcesController {
  constructor(private readonly resources: ResourcesService) {}

  @Get()
  @Permission('resource:read')
  @Describe({ summary: 'List resources by name, with what is leased', answers: { 200: pageSchema(resourceSchema) } })
  list(@From() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.resources.list(caller, query);
  }

  @Put(':name')
  @Permission('resource:write')
  @Describe({
    summary: 'Create a resource, or change its capacity',
    description: 'Calls lease it by `needs: {"<name>": 1}`. 201 when it is new; 409 for less than what is leased.',
    answers: { 200: resourceSchema, 201: resourceSchema },
    errors: ['resource.in_use'],
    examples: {
      cards: { capacity: 4, unit: 'card' },
      withNotice: { capacity: 4, unit: 'card', noticeMs: 30_000 },
      sold: { capacity: 10, grantBy: 'market' },
    },
  })
  put(@From() caller: Caller, @Param('name') name: string, @Body({ schema: putResourceSchema }) resource: PutResource) {
    return this.resources.put(caller, name, resource);
  }

  @Get(':name')
  @Permission('resource:read')
  @Describe({
    summary: 'Read a resource, with what is leased',
    answers: { 200: resourceSchema },
    errors: ['resource.not_found'],
  })
  get(@From() caller: Caller, @Param('name') name: string) {
    return this.resources.get(caller, name);
  }

  @Get(':name/leases')
  @Permission('lease:read')
  @Describe({
    summary: 'List leases of a resource',
    description: 'Those that hold it first, then those that wait, in the order of their turns.',
    answers: { 200: pageSchema(leaseSchema) },
    errors: ['resource.not_found'],
  })
  leases(@From() caller: Caller, @Param('name') name: string, @Query({ schema: listLeasesSchema }) query: ListLeases) {
    return this.resources.leases(caller, name, query);
  }

  @Post(':name/leases')
  @Permission('resource:lease')
  @Describe({
    summary: 'Request a lease',
    description:
      '201: it is held, until it is released or its time is over. 202: it waits for its turn, by priority and then age, ' +
      'where a market decides by bid; ' +
      'ask for it again to see when it is held, and renew it where that takes longer than `waitMs`.',
    answers: { 201: leaseSchema, 202: leaseSchema },
    errors: ['resource.not_found', 'resource.insufficient', 'resource.busy'],
    examples: {
      one: {},
      two: { amount: 2, ttlMs: 600_000, waitMs: 60_000, priority: 'high' },
      forACall: { waitMs: 60_000, work: '019aa6f2-7c1e-7d7a-9c55-8d0f8a1f6b01/steps/triage' },
    },
    idempotent: true,
  })
  request(
    @From() caller: Caller,
    @Param('name') name: string,
    @Body({ schema: requestLeaseSchema }) request: RequestLease,
  ) {
    return this.resources.request(caller, name, request);
  }

  @Get(':name/leases/:leaseId')
  @Permission('resource:lease')
  @Describe({ summary: 'Read a lease', answers: { 200: leaseSchema }, errors: ['lease.not_found'] })
  lease(@From() caller: Caller, @Param('name') name: string, @Param('leaseId') id: string) {
    return this.resources.lease(caller, name, id);
  }

  @Post(':name/leases/:leaseId/renew')
  @HttpCode(200)
  @Permission('resource:lease')
  @Describe({
    summary: 'Renew a lease, or a request that waits',
    answers: { 200: leaseSchema },
    errors: ['lease.not_found', 'lease.not_yours', 'lease.preempted', 'resource.deadlock'],
    examples: { tenMinutes: { ttlMs: 600_000 } },
  })
  renew(
    @From() caller: Caller,
    @Param('name') name: string,
    @Param('leaseId') id: string,
    @Body({ schema: renewLeaseSchema }) renewal: RenewLease,
  ) {
    return this.resources.renew(caller, { name, id }, renewal);
  }

  @Delete(':name/leases/:leaseId')
  @HttpCode(204)
  @Permission('resource:lease')
  @Describe({
    summary: 'Release a lease, or withdraw a request that waits',
    description: 'Its own key may; so may whoever may change resources. What a run holds ends with its call.',
    answers: { 204: null },
    errors: ['lease.not_found', 'lease.not_yours'],
  })
  release(@From() caller: Caller, @Param('name') name: string, @Param('leaseId') id: string) {
    return this.resources.release(caller, { name, id });
  }

  @Delete(':name')
  @HttpCode(204)
  @Permission('resource:write')
  @Describe({
    summary: 'Delete a resource that nobody uses',
    answers: { 204: null },
    errors: ['resource.not_found', 'resource.in_use'],
  })
  remove(@From() caller: Caller, @Param('name') name: string) {
    return this.resources.remove(caller, name);
  }
}
