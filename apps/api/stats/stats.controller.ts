import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { StatsService } from './stats.service.js';

const counts = z.record(z.string(), z.int());
const statsSchema = z
  .object({
    runs: counts.describe('Those that have not ended, by status.'),
    ended: counts.describe('Runs that have ended within the last five minutes, by status.'),
    agents: counts.describe('Instances by state.'),
    queues: z
      .array(
        z.object({
          name: z.string(),
          backlog: z.int(),
          workers: z.array(z.object({ identity: z.string(), lastSeenAt: z.string().nullable() })),
        }),
      )
      .nullable()
      .describe('null while Temporal is away.'),
  })
  .meta({ id: 'Stats' });

@Controller('v1/stats')
export class StatsController {
  constructor(private readonly stats: StatsService) {}

  @Get()
  @Permission('stats:read')
  @Describe({ summary: 'Queues, workers, agents and runs by state', answers: { 200: statsSchema } })
  read(@From() caller: Caller) {
    return this.stats.read(caller);
  }
}
