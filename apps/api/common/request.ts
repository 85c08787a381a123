import type { IncomingMessage } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AnsweredAttempt } from '../../../contracts/later-answers.js';
import type { OpenedSource } from '../../../database/webhook-sources.repository.js';
import type { WebhookDelivery } from '../../../connectors/webhook/webhook-delivery.js';
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
  /** On routes with a callback token: what it says. */
  answered?: AnsweredAttempt;
  /** On the URLs of webhook sources. */
  source?: OpenedSource;
}

/** The authenticated caller; only on routes with a permission. */
export const From = createParamDecorator((_: undefined, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<ApiRequest>();
  if (!caller) throw new Error('a route without a permission has no caller');
  return caller;
});

/** What the callback token in the path says; only on routes that take one. */
export const Answered = createParamDecorator((_: undefined, context: ExecutionContext): AnsweredAttempt => {
  const { answered } = context.switchToHttp().getRequest<ApiRequest>();
  if (!answered) throw new Error('a route without a callback token answers no call');
  return answered;
});

/** The webhook source whose URL this is; only on routes for deliveries. */
export const SourceOf = createParamDecorator((_: undefined, context: ExecutionContext): OpenedSource => {
  const { source } = context.switchToHttp().getRequest<ApiRequest>();
  if (!source) throw new Error('a route that takes no deliveries has no source');
  return source;
});

/** The request as it came; only on routes whose description says `raw`. */
export const Delivered = createParamDecorator((_: undefined, context: ExecutionContext): WebhookDelivery => {
  const { headers, body } = context.switchToHttp().getRequest<ApiRequest>();
  if (!Buffer.isBuffer(body)) throw new Error('the body of this route is not read as it stands');
  const single = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return { headers: Object.fromEntries(single) as WebhookDelivery['headers'], body };
});
