import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import { isAllowed } from '../../../contracts/permissions.js';
import { authenticate } from '../../../database/api-keys.repository.js';
import { Database } from '../../../database/database.js';
import { CallbackTokens } from './callback-tokens.js';
import { readIdempotencyKey } from './idempotency.js';
import type { Access } from './permission.decorator.js';
import { RateLimiter } from './rate-limiter.js';
import { Refusals } from './refusals.js';
import type { ApiRequest, Caller } from './request.js';
import { Routes } from './routes.js';
import { WebhookSources } from './webhook-sources.js';
import { readTraceparent } from './traceparent.js';

/** The one guard: who asks, whether the key may do this, and whether it asks too often. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly database: Database,
    private readonly routes: Routes,
    private readonly limiter: RateLimiter,
    private readonly refusals: Refusals,
    private readonly callbacks: CallbackTokens,
    private readonly sources: WebhookSources,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const { access, method, path } = this.routes.of(context.getHandler());
    if (access.kind === 'callback') {
      request.answered = await this.callbacks.attemptOf(request.params['token'] ?? '');
      return true;
    }
    if (access.kind === 'delivery') {
      request.source = await this.sources.of(request.params['pathId'] ?? '');
      return true;
    }
    if (access.kind === 'public' || isOpen(access, request)) return true;
    const caller = await this.callerOf(request);
    request.caller = caller;
    if (!access.uncounted) await this.limiter.count(caller.keyId);
    if (!isAllowed(caller, access.permission))
      throw await this.refusals.forbidden(
        caller,
        `${method} ${path}`,
        `The key lacks the permission ${access.permission}`,
      );
    return true;
  }

  private async callerOf(request: ApiRequest): Promise<Caller> {
    const [scheme, key, ...rest] = (request.headers.authorization ?? '').split(' ').filter(Boolean);
    if (scheme === undefined) throw new BrikkError('auth.missing', 'Send the header Authorization: Bearer <API key>');
    if (scheme.toLowerCase() !== 'bearer' || key === undefined || rest.length > 0)
      throw new BrikkError('auth.invalid', 'The header Authorization must be: Bearer <API key>');
    const { orgId, keyId, name, role, scopes } = await authenticate(this.database, key);
    return {
      orgId,
      keyId,
      name,
      role,
      scopes,
      requestId: request.id,
      ip: request.socket.remoteAddress,
      traceparent: readTraceparent(request.headers.traceparent),
      idempotencyKey: readIdempotencyKey(request.headers['idempotency-key']),
    };
  }
}

/** A proxy on this machine speaks for others: what it forwards does not count as local. */
function isOpen(access: Extract<Access, { kind: 'permission' }>, { socket, headers }: ApiRequest): boolean {
  const forwarded = headers['x-forwarded-for'] ?? headers.forwarded;
  const isLoopback = /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '');
  return access.openOnLoopback && isLoopback && forwarded === undefined;
}
