import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import { poolSchema, type PutPool, putPoolSchema, type ScalePool, scalePoolSchema } from '../../../contracts/pools.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { PoolsService } from './pools.service.js';

@Controller('v1/pools')
export class PoolsController {
  constructor(private readonly pools: PoolsService) {}

  @Get()
  @Permission('pool:read')
  @Describe({ summary: 'List pools by name, with their members', answers: { 200: pageSchema(poolSchema) } })
  list(@From() caller: Caller, @Query({ schema: pageQuerySchema }) page: PageQuery) {
    return this.pools.list(caller, page);
  }

  @Put(':name')
  @Permission('pool:write')
  @Describe({
    summary: 'Create a pool, or change its terms',
    description:
      'So many processes of a template: more while utilisation or waiting calls ask for it, fewer after a while of less, ' +
      'always from min to max. Each change of the size is told as pool.scaled.',
    answers: { 201: poolSchema, 200: poolSchema },
    errors: ['template.not_found', 'pool.deleting'],
    examples: {
      scaled: { template: 'resize', min: 2, max: 10 },
      fixed: { template: 'resize', min: 4, max: 4, backups: 1 },
    },
  })
  put(@From() caller: Caller, @Param('name') name: string, @Body({ schema: putPoolSchema }) pool: PutPool) {
    return this.pools.put(caller, name, pool);
  }

  @Get(':name')
  @Permission('pool:read')
  @Describe({ summary: 'One pool with its members', answers: { 200: poolSchema }, errors: ['pool.not_found'] })
  get(@From() caller: Caller, @Param('name') name: string) {
    return this.pools.get(caller, name);
  }

  @Post(':name/scale')
  @HttpCode(200)
  @Permission('pool:write')
  @Describe({
    summary: 'Give a pool another size',
    description:
      'Surplus members get no new calls, and end when they have nothing in hand. Ends a crash loop for a try.',
    answers: { 200: poolSchema },
    errors: ['pool.not_found', 'pool.deleting'],
    examples: { six: { size: 6 } },
  })
  scale(@From() caller: Caller, @Param('name') name: string, @Body({ schema: scalePoolSchema }) scale: ScalePool) {
    return this.pools.scale(caller, name, scale);
  }

  @Delete(':name')
  @HttpCode(204)
  @Permission('pool:write')
  @Describe({
    summary: 'Delete a pool',
    description: 'Its members finish what they have in hand; until then its state is deleting.',
    answers: { 204: null },
    errors: ['pool.not_found'],
  })
  remove(@From() caller: Caller, @Param('name') name: string) {
    return this.pools.remove(caller, name);
  }
}
