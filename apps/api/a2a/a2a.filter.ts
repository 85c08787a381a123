import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { toProblem } from '../common/problem.js';
import type { ApiRequest } from '../common/request.js';
import { restProblem } from './rest-problem.js';

/** Failures of the HTTP+JSON binding, as A2A writes them. */
@Catch()
export class A2aFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(thrown: unknown, context: ArgumentsHost): void {
    const { httpAdapter } = this.host;
    const { id } = context.switchToHttp().getRequest<ApiRequest>();
    const response = context.switchToHttp().getResponse<object>();
    if (httpAdapter.isHeadersSent(response)) return void httpAdapter.end(response);
    const { status, body } = restProblem(thrown);
    const { retryAfterSeconds } = toProblem(thrown, id);
    httpAdapter.setHeader(response, 'Content-Type', 'application/a2a+json');
    if (status === 401) httpAdapter.setHeader(response, 'WWW-Authenticate', 'Bearer');
    if (retryAfterSeconds !== undefined && (status === 429 || status === 503))
      httpAdapter.setHeader(response, 'Retry-After', String(retryAfterSeconds));
    void httpAdapter.reply(response, body, status);
  }
}
