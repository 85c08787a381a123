import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { BrikkError } from '../../../contracts/errors.js';
import { accepts } from './accept.js';
import { inWords } from './in-words.js';
import { withBinaryAttributes } from './cloud-event-headers.js';
import { checkJsonLimits } from './json-limits.js';
import { readDocumentBody, readJsonBody, readRawBody } from './request-body.js';
import type { ApiRequest } from './request.js';
import { Routes } from './routes.js';
import { parse } from './schema.pipe.js';

const nothing = z.strictObject({});

/** Reads the input once the caller is known: a stranger cannot make us parse. What a route does not declare is refused. */
@Injectable()
export class InputGuard implements CanActivate {
  constructor(private readonly routes: Routes) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const route = this.routes.of(context.getHandler());
    const types = route.description?.produces ?? ['application/json'];
    if (!accepts(request.headers.accept, types))
      throw new BrikkError('request.not_acceptable', `This route answers ${types.join(' or ')}`, {
        violations: [{ path: 'Accept', message: 'is not offered', allowed: types }],
      });
    if (route.description?.raw !== undefined) {
      request.body = await readRawBody(request, request.source?.maxBytes);
      return true;
    }
    checkJsonLimits(request.query, 'query');
    refuseRepeated(request.query);
    if (!route.query) parse(nothing, { ...request.query }, 'query');
    if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'DELETE') return true;
    const { document, maxBodyBytes, cloudEvent } = route.description ?? {};
    request.body = await (document
      ? readDocumentBody(request, maxBodyBytes)
      : readJsonBody(request, maxBodyBytes, cloudEvent && [cloudEvent]));
    if (cloudEvent) request.body = withBinaryAttributes(request.headers, request.body);
    if (!route.body && request.body !== undefined) parse(nothing, request.body, 'body');
    return true;
  }
}

/** No field of a query takes a list. */
function refuseRepeated(query: object): void {
  const repeated = Object.entries(query).filter(([, value]) => typeof value !== 'string');
  if (repeated.length === 0) return;
  const violations = repeated.map(([path]) => ({ path, message: 'must be given once, as text' }));
  throw new BrikkError('request.invalid', inWords('The query breaks its schema', violations), { violations });
}
