import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Describe } from '../common/describe.decorator.js';
import { Public } from '../common/permission.decorator.js';
import { HealthService } from './health.service.js';

const liveSchema = z.object({ status: z.literal('live') }).meta({ id: 'Live' });
const part = z.enum(['up', 'down']);
const readySchema = z
  .object({ status: z.enum(['ready', 'degraded']), parts: z.object({ postgres: part, temporal: part }) })
  .meta({ id: 'Ready' });

@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @Public()
  @Describe({ summary: 'Whether the process answers', answers: { 200: liveSchema } })
  live() {
    return { status: 'live' };
  }

  @Get('ready')
  @Public()
  @Describe({
    summary: 'Whether runs are accepted',
    description:
      '503 without Postgres, and when the API is about to stop (it serves on for `BRIKK_DRAIN_SECONDS`). Runs are accepted while Temporal is away (`degraded`).',
    answers: { 200: readySchema },
    errors: ['dependency.unavailable'],
  })
  ready() {
    return this.health.ready();
  }
}
