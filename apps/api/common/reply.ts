import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { map, type Observable } from 'rxjs';

/** A body whose status or headers are only known once the work is done. */
export class Reply<Body> {
  constructor(
    readonly status: number,
    readonly body: Body,
    readonly headers: Record<string, string> = {},
  ) {}
}

@Injectable()
export class ReplyInterceptor implements NestInterceptor {
  constructor(private readonly host: HttpAdapterHost) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      map((answer: unknown) => {
        if (!(answer instanceof Reply)) return answer;
        const response: unknown = context.switchToHttp().getResponse();
        const { httpAdapter } = this.host;
        httpAdapter.status(response, answer.status);
        for (const [name, value] of Object.entries(answer.headers)) httpAdapter.setHeader(response, name, value);
        return answer.body as unknown;
      }),
    );
  }
}
