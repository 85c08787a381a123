import { isNativeError } from 'node:util/types';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { BrikkError } from '../../../contracts/errors.js';
import { PROBLEM_TYPE, toProblem } from './problem.js';
import type { ApiRequest } from './request.js';
import { Routes } from './routes.js';

/** The one translator of failures to HTTP. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly routes: Routes,
  ) {}

  catch(thrown: unknown, context: ArgumentsHost): void {
    const { httpAdapter } = this.host;
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const response = context.switchToHttp().getResponse<object>();
    const error = this.withMethods(thrown, request);
    const { problem, retryAfterSeconds } = toProblem(error, request.id);
    if (problem.status >= 500) this.log(problem.code, thrown, request.id);
    if (httpAdapter.isHeadersSent(response)) return void httpAdapter.end(response);
    const header = (name: string, value: string) => void httpAdapter.setHeader(response, name, value);
    header('Content-Type', PROBLEM_TYPE);
    if (retryAfterSeconds !== undefined) header('Retry-After', String(retryAfterSeconds));
    if (problem.status === 401) header('WWW-Authenticate', 'Bearer');
    if (problem.status === 405) header('Allow', this.methodsFor(request).join(', '));
    void httpAdapter.reply(response, problem, problem.status);
  }

  /** The router knows only "nothing here"; whether another method would have been right is in the route table. */
  private withMethods(error: unknown, request: ApiRequest): unknown {
    const methods = error instanceof HttpException ? this.methodsFor(request) : [];
    if (methods.length === 0 || methods.includes(request.method ?? '')) return error;
    return new BrikkError('request.method_not_allowed', `This path answers ${methods.join(', ')}`, { cause: error });
  }

  private methodsFor({ url = '/' }: ApiRequest): string[] {
    return [
      ...new Set(
        this.routes.methodsOf(url.split('?')[0]!).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)),
      ),
    ];
  }

  private log(code: string, error: unknown, requestId: string): void {
    const stack = isNativeError(error) ? (error.stack ?? error.message) : 'a value that is no Error was thrown';
    this.logger.error({ code, requestId, stack });
  }
}
