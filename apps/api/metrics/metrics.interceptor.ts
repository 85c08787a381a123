import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { ApiRequest } from '../common/request.js';
import { Routes } from '../common/routes.js';
import { MetricsService } from './metrics.service.js';

/** Times every request that reached a route, until its answer is out. */
@Injectable()
export class MetricsInterceptor implements NestInterceptor {
  constructor(
    private readonly metrics: MetricsService,
    private readonly routes: Routes,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const begin = process.hrtime.bigint();
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const response = context.switchToHttp().getResponse<ServerResponse>();
    const { path } = this.routes.of(context.getHandler());
    response.once('close', () => {
      const labels = { method: request.method ?? 'GET', route: path, status: response.statusCode };
      this.metrics.observe(labels, Number(process.hrtime.bigint() - begin) / 1e9);
    });
    return next.handle();
  }
}
