import { Body, Controller, Get, HttpCode, NotImplementedException, Param, Post, UseFilters } from '@nestjs/common';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { Reply } from '../common/reply.js';
import { type Caller, From } from '../common/request.js';
import { ArdFilter } from './ard.filter.js';
import { type ArdSearch, ardSearchSchema } from './ard-search.js';
import { Ard } from './ard.service.js';

/** An operation as ARD specifies it: its own documents describe it, ours leave it out. */
const ArdOperation = (summary: string) => Describe({ summary, answers: {}, protocol: 'ARD' });

/** The registry API of Agentic Resource Discovery 0.91; its base address is in the manifest. */
@Controller('v1/ard')
@UseFilters(ArdFilter)
export class ArdController {
  constructor(private readonly ard: Ard) {}

  @Post('search')
  @HttpCode(200)
  @Permission('agent:read')
  @ArdOperation('Search')
  search(@From() caller: Caller, @Body({ schema: ardSearchSchema }) search: ArdSearch) {
    return this.ard.search(caller, search);
  }

  @Get('agents/:identifier')
  @Permission('agent:read')
  @ArdOperation('Retrieve')
  async retrieve(@From() caller: Caller, @Param('identifier') identifier: string) {
    return new Reply(200, await this.ard.retrieve(caller, identifier), { 'Cache-Control': 'private, max-age=60' });
  }

  @Post('explore')
  @Permission('agent:read')
  @ArdOperation('Explore')
  explore(): never {
    throw new NotImplementedException('This registry has no facets: use search');
  }
}
