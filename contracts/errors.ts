import type { Json } from './json.js';
import type { Usage } from './usage.js';

/** Every failure has a name here, and the name decides the HTTP status and whether a repeat can help. */
export const ERRORS = {
  'auth.missing': { status: 401, retryable: false, title: 'No API key' },
  'auth.invalid': { status: 401, retryable: false, title: 'Unknown API key' },
  'auth.expired': { status: 401, retryable: false, title: 'Expired API key' },
  'auth.forbidden': { status: 403, retryable: false, title: 'Not allowed' },
  'request.invalid_json': { status: 400, retryable: false, title: 'The body is not JSON' },
  'request.invalid': { status: 422, retryable: false, title: 'The request breaks its schema' },
  'request.not_found': { status: 404, retryable: false, title: 'No such resource' },
  'request.method_not_allowed': { status: 405, retryable: false, title: 'Method not allowed' },
  'request.not_acceptable': { status: 406, retryable: false, title: 'Not acceptable' },
  'body.too_large': { status: 413, retryable: false, title: 'The body is too large' },
  'body.unsupported_type': { status: 415, retryable: false, title: 'Unsupported content type' },
  'quota.exceeded': { status: 429, retryable: true, title: 'The quota of the organisation is used up' },
  'rate.exceeded': { status: 429, retryable: true, title: 'Too many requests' },
  'idempotency.conflict': { status: 409, retryable: false, title: 'The idempotency key was used with another body' },
  'organisation.not_found': { status: 404, retryable: false, title: 'No such organisation' },
  'api_key.not_found': { status: 404, retryable: false, title: 'No such API key' },
  'agent.not_found': { status: 404, retryable: false, title: 'No such agent' },
  'agent.protocol_unsupported': { status: 422, retryable: false, title: 'No common protocol version' },
  'template.not_found': { status: 404, retryable: false, title: 'No such agent template' },
  'template.in_use': { status: 409, retryable: false, title: 'Pools are made by the template' },
  'template.switched_off': { status: 403, retryable: false, title: 'Processes are switched off' },
  'pool.not_found': { status: 404, retryable: false, title: 'No such pool' },
  'pool.deleting': { status: 409, retryable: false, title: 'The pool is being deleted' },
  'instance.not_found': { status: 404, retryable: false, title: 'No such agent instance' },
  'run.not_found': { status: 404, retryable: false, title: 'No such run' },
  'function.not_found': { status: 404, retryable: false, title: 'No such function' },
  'workflow.not_found': { status: 404, retryable: false, title: 'No such workflow' },
  'workflow.conflict': { status: 409, retryable: false, title: 'The version has other content' },
  'workflow.invalid': { status: 422, retryable: false, title: 'The definition is not valid' },
  'schedule.not_found': { status: 404, retryable: false, title: 'No such schedule' },
  'run.finished': { status: 409, retryable: false, title: 'The run has ended' },
  'run.not_finished': { status: 409, retryable: true, title: 'The run has not ended' },
  'run.call_not_found': { status: 422, retryable: false, title: 'The run has no such call' },
  'run.not_paused': { status: 409, retryable: false, title: 'The run is not paused' },
  'run.not_bulk': { status: 409, retryable: false, title: 'The run has no items' },
  'run.is_bulk': { status: 409, retryable: false, title: 'Not for a bulk run' },
  'run.item_not_found': { status: 404, retryable: false, title: 'No such item' },
  'run.step_not_found': { status: 422, retryable: false, title: 'No such step' },
  'event.conflict': { status: 409, retryable: false, title: 'The event has other content' },
  'approval.not_found': { status: 404, retryable: false, title: 'No such approval' },
  'approval.closed': { status: 409, retryable: false, title: 'The approval is no longer pending' },
  'approval.rejected': { status: 409, retryable: false, title: 'A person rejected the task' },
  'payload.not_found': { status: 404, retryable: false, title: 'No such payload' },
  'memory.not_found': { status: 404, retryable: false, title: 'No such memory entry' },
  'memory.conflict': { status: 409, retryable: false, title: 'The memory entry has another version' },
  'memory.not_a_list': { status: 409, retryable: false, title: 'The memory entry is no list' },
  'memory.too_large': { status: 413, retryable: false, title: 'The memory entry would be too large' },
  'session.not_found': { status: 404, retryable: false, title: 'No such session' },
  'session.moved': { status: 409, retryable: false, title: 'Another instance has the session' },
  'session.too_large': { status: 413, retryable: false, title: 'The state of the session would be too large' },
  'resource.not_found': { status: 404, retryable: false, title: 'No such resource to lease' },
  'resource.insufficient': { status: 422, retryable: false, title: 'The resource has less than that' },
  'resource.busy': { status: 409, retryable: true, title: 'The units are not free' },
  'resource.in_use': { status: 409, retryable: true, title: 'The resource is in use' },
  'lease.not_found': { status: 404, retryable: false, title: 'No such lease' },
  'lease.not_yours': { status: 409, retryable: false, title: 'Somebody else holds the lease' },
  'lease.preempted': { status: 409, retryable: false, title: 'A higher priority takes the lease' },
  'resource.deadlock': { status: 409, retryable: true, title: 'Requests wait for each other' },
  'offer.not_found': { status: 404, retryable: false, title: 'No such offer' },
  'offer.closed': { status: 409, retryable: false, title: 'The offer is no longer open' },
  'offer.not_your_turn': { status: 409, retryable: false, title: 'The other side has to answer' },
  'webhook_source.not_found': { status: 404, retryable: false, title: 'No such webhook source' },
  'webhook_source.conflict': { status: 409, retryable: false, title: 'A webhook source has this name' },
  'webhook.unverified': { status: 401, retryable: false, title: 'The delivery is not verified' },
  'webhook.refused': { status: 422, retryable: false, title: 'The delivery cannot be routed' },
  'webhook_endpoint.not_found': { status: 404, retryable: false, title: 'No such webhook endpoint' },
  'webhook_endpoint.conflict': { status: 409, retryable: false, title: 'A webhook endpoint has this name' },
  'webhook_delivery.not_found': { status: 404, retryable: false, title: 'No such webhook delivery' },
  'webhook_delivery.over': { status: 409, retryable: false, title: 'The delivery is over' },
  'webhook_delivery.open': { status: 409, retryable: true, title: 'The delivery is under way' },
  'inbound_event.not_found': { status: 404, retryable: false, title: 'No such inbound event' },
  'connection.not_found': { status: 404, retryable: false, title: 'No such connection' },
  'connection.conflict': { status: 409, retryable: false, title: 'A connection has this name' },
  'connection.not_usable': { status: 409, retryable: false, title: 'The connection cannot be used' },
  'oauth.state_invalid': { status: 400, retryable: false, title: 'Nobody waits for this agreement' },
  'oauth.denied': { status: 400, retryable: false, title: 'The authority gives no access' },
  'breaker.not_found': { status: 404, retryable: false, title: 'No such circuit breaker' },
  'connector.auth': { status: 401, retryable: false, title: 'The credential was refused' },
  'connector.forbidden': { status: 403, retryable: false, title: 'The outside system does not allow it' },
  'connector.not_found': { status: 404, retryable: false, title: 'The outside system has no such thing' },
  'connector.conflict': { status: 409, retryable: false, title: 'It conflicts with what the outside system has' },
  'connector.validation': { status: 422, retryable: false, title: 'The outside system refuses the request' },
  'connector.rate_limited': { status: 429, retryable: true, title: 'The outside system asks to wait' },
  'connector.unavailable': { status: 503, retryable: true, title: 'The outside system is not available' },
  'connector.circuit_open': { status: 503, retryable: true, title: 'The circuit to the outside system is open' },
  'secret.not_found': { status: 404, retryable: false, title: 'No such secret' },
  'secret.unreadable': { status: 500, retryable: false, title: 'A secret does not open' },
  'expression.invalid': { status: 422, retryable: false, title: 'The expression does not compile' },
  'expression.failed': { status: 422, retryable: false, title: 'The expression failed' },
  'agent.transient': { status: 502, retryable: true, title: 'The agent failed for now' },
  'agent.rate_limited': { status: 429, retryable: true, title: 'The agent asks to wait' },
  'agent.timeout': { status: 504, retryable: true, title: 'The agent took too long' },
  'agent.invalid_output': { status: 502, retryable: true, title: 'The agent answered with an invalid output' },
  'agent.rejected': { status: 422, retryable: false, title: 'The agent rejected the task' },
  'agent.permanent': { status: 502, retryable: false, title: 'The agent cannot do the task' },
  'agent.unavailable': { status: 503, retryable: true, title: 'No agent is available' },
  'agent.input_required': { status: 409, retryable: false, title: 'The agent asks a question' },
  'agent.pending': { status: 409, retryable: false, title: 'The agent answers later' },
  'agent.budget': { status: 402, retryable: false, title: 'The budget does not cover the call' },
  'agent.canceled': { status: 409, retryable: false, title: 'The call was canceled' },
  'call.not_found': { status: 404, retryable: false, title: 'No such call' },
  'call.closed': { status: 409, retryable: false, title: 'The call waits for no answer' },
  'call.answered': { status: 409, retryable: false, title: 'The call has another answer' },
  'dependency.unavailable': { status: 503, retryable: true, title: 'A dependency is down' },
  internal: { status: 500, retryable: true, title: 'Internal error' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** One broken rule of a request: `path` is a JSON pointer-like path such as `with.steps[2].name`. */
export interface Violation {
  path: string;
  message: string;
  allowed?: Json;
  didYouMean?: string;
  /** Of a mistake in a definition: its name, and where its text stands, from 1. */
  code?: string;
  line?: number;
  column?: number;
}

export interface ErrorOptions {
  cause?: unknown;
  violations?: Violation[];
  retryAfterMs?: number;
  /** What was used all the same. */
  usage?: Omit<Usage, 'calls'>;
}

/** The one error that connectors, repositories and services throw. Neither message nor violations carry secrets. */
export class BrikkError extends Error {
  readonly violations: Violation[] | undefined;
  readonly retryAfterMs: number | undefined;
  readonly usage: Omit<Usage, 'calls'> | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    { cause, violations, retryAfterMs, usage }: ErrorOptions = {},
  ) {
    super(message, { cause });
    this.name = 'BrikkError';
    this.violations = violations;
    this.retryAfterMs = retryAfterMs;
    this.usage = usage;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** RFC 9457 problem details, as every failed request answers. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  errors?: Violation[];
  requestId: string;
}
