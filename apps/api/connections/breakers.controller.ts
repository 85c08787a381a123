import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { breakerSchema, type ResetBreaker, resetBreakerSchema } from '../../../contracts/breakers.js';
import { type PageQuery, pageQuerySchema, pageSchema } from '../../../contracts/lists.js';
import { audit } from '../../../database/audit.repository.js';
import { listBreakers, resetBreaker } from '../../../database/breakers.repository.js';
import { Database } from '../../../database/database.js';
import { actorOf } from '../common/actor.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';

@Controller('v1/breakers')
export class BreakersController {
  constructor(private readonly database: Database) {}

  @Get()
  @Permission('breaker:read')
  @Describe({
    summary: 'List circuit breakers by target',
    description: 'Of connections that have failed; a target without one is closed.',
    answers: { 200: pageSchema(breakerSchema) },
  })
  list(@From() { orgId }: Caller, @Query({ schema: pageQuerySchema }) page: PageQuery) {
    return this.database.inOrg(orgId, (tx) => listBreakers(tx, page));
  }

  @Post('reset')
  @HttpCode(204)
  @Permission('breaker:reset')
  @Describe({
    summary: 'Close a circuit breaker',
    description: 'Its counts are forgotten; calls go out at once.',
    answers: { 204: null },
    errors: ['breaker.not_found'],
    examples: { connection: { target: 'connector:019aa6f3-1b2c-7d4e-8f50-61728394a5b7' } },
  })
  async reset(@From() caller: Caller, @Body({ schema: resetBreakerSchema }) { target }: ResetBreaker) {
    await this.database.inOrg(caller.orgId, async (tx) => {
      await resetBreaker(tx, caller.orgId, target);
      await audit(tx, { ...actorOf(caller), action: 'breaker.reset', target, outcome: 'ok' });
    });
  }
}
