import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { type PutQuota, putQuotaSchema, quotaSchema } from '../../../contracts/quotas.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { QuotasService } from './quotas.service.js';

@Controller('v1')
export class QuotasController {
  constructor(private readonly quotas: QuotasService) {}

  @Get('quota')
  @Permission('organisation:read')
  @Describe({ summary: 'What the organisation may use in this window, and has used', answers: { 200: quotaSchema } })
  own(@From() caller: Caller) {
    return this.quotas.read(caller.orgId);
  }

  @Get('organisations/:id/quota')
  @Permission('platform:admin')
  @Describe({
    summary: 'The quota of an organisation',
    answers: { 200: quotaSchema },
    errors: ['organisation.not_found'],
  })
  get(@Param('id') id: string) {
    return this.quotas.read(id);
  }

  @Put('organisations/:id/quota')
  @Permission('platform:admin')
  @Describe({
    summary: 'Limit what the calls of an organisation may use in each window',
    description:
      'Holds in all workers within a second. Where it is used up, runs are refused with `quota.exceeded` and the time of the ' +
      'next window; calls of runs under way wait for it, or fail `agent.rate_limited` where it begins after their own end.',
    answers: { 200: quotaSchema },
    errors: ['organisation.not_found'],
    examples: {
      daily: { windowMs: 86_400_000, calls: 100_000, costUsd: 50 },
      rate: { windowMs: 10_000, calls: 500 },
    },
  })
  put(@From() caller: Caller, @Param('id') id: string, @Body({ schema: putQuotaSchema }) quota: PutQuota) {
    return this.quotas.put(caller, id, quota);
  }

  @Delete('organisations/:id/quota')
  @HttpCode(204)
  @Permission('platform:admin')
  @Describe({ summary: 'Limit the organisation no longer', answers: { 204: null }, errors: ['organisation.not_found'] })
  async remove(@From() caller: Caller, @Param('id') id: string) {
    await this.quotas.remove(caller, id);
  }
}
