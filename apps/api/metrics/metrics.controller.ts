import { Controller, Get, Header } from '@nestjs/common';
import { z } from 'zod';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { MetricsService } from './metrics.service.js';

@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @Permission('stats:read', { openOnLoopback: true })
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Describe({
    summary: 'Prometheus metrics',
    answers: { 200: z.string() },
    textExample:
      '# HELP brikk_runs Runs that have not ended, by status\n# TYPE brikk_runs gauge\nbrikk_runs{status="running"} 240\n',
    produces: ['text/plain', 'application/openmetrics-text'],
  })
  read() {
    return this.metrics.read();
  }
}
