import { isNativeError } from 'node:util/types';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { PROBLEM_TYPE, toProblem } from '../common/problem.js';
import type { ApiRequest } from '../common/request.js';

/** As ARD names failures (0.91, appendix B), by the status that it gives them. */
const ERROR_CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RATE_LIMIT_EXCEEDED',
  501: 'NOT_IMPLEMENTED',
  503: 'UNAVAILABLE',
};

/** A failure in ARD's words beside ours: a problem with `errorCode` and `message`. */
@Catch()
export class ArdFilter implements ExceptionFilter {
  private readonly logger = new Logger(ArdFilter.name);

  constructor(private readonly host: HttpAdapterHost) {}

  catch(thrown: unknown, context: ArgumentsHost): void {
    const { httpAdapter } = this.host;
    const { id } = context.switchToHttp().getRequest<ApiRequest>();
    const response = context.switchToHttp().getResponse<object>();
    if (httpAdapter.isHeadersSent(response)) return void httpAdapter.end(response);
    const { problem, retryAfterSeconds } = toProblem(thrown, id);
    const isUnbuilt = thrown instanceof HttpException && thrown.getStatus() === 501;
    const status = isUnbuilt ? 501 : problem.status === 422 ? 400 : problem.status;
    if (status === 500) this.logger.error({ requestId: id, stack: isNativeError(thrown) ? thrown.stack : undefined });
    const message = isUnbuilt ? (thrown as HttpException).message : problem.detail;
    const header = (name: string, value: string) => void httpAdapter.setHeader(response, name, value);
    header('Content-Type', PROBLEM_TYPE);
    header('Cache-Control', 'no-store');
    if (status === 401) header('WWW-Authenticate', 'Bearer');
    if (retryAfterSeconds !== undefined && (status === 429 || status === 503))
      header('Retry-After', String(retryAfterSeconds));
    const errorCode = ERROR_CODES[status] ?? 'INTERNAL_ERROR';
    void httpAdapter.reply(response, { ...problem, status, errorCode, message }, status);
  }
}
