import type { IncomingMessage } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Role, Scope } from '../../../contracts/permissions.js';

/** Who asks, for which organisation, and how the request is named in logs, audit and traces. */
export interface Caller {
  orgId: string;
  keyId: string;
  /** The key's name; an `agent:self` key may touch only the agent of this name. */
  name: string;
  role: Role;
  scopes: readonly Scope[];
  requestId: string;
  ip: string | undefined;
  traceparent: string | undefined;
  idempotencyKey: string | undefined;
}

/** What we use of the adapter's request, the same on Express and Fastify. */
export interface ApiRequest extends IncomingMessage {
  id: string;
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
  caller?: Caller;
}

/** The authenticated caller; only on routes with a permission. */
export const From = createParamDecorator((_: undefined, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<ApiRequest>();
  if (!caller) throw new Error('a route without a permission has no caller');
  return caller;
});
