import type { HttpOutput } from './definition-calls.js';
import type { NewRunEvent } from './events.js';
import type { Json } from './json.js';
import type { PatternName, PatternParams } from './patterns.js';
import type { CallResult, RunRef, Value } from './run-workflow.js';

/** What a request says of who asks. */
export type HttpAuthentication = { basic: { username: string; password: string } } | { bearer: { token: string } };

/** A request with everything evaluated. */
export interface HttpRequest {
  method: string;
  /** Absolute, http or https. */
  uri: string;
  headers: Record<string, string>;
  /** Added to the query of `uri`. */
  query: Record<string, Json>;
  body?: Value;
}

/** An operation of an OpenAPI 3 or Swagger 2.0 document, which the activity turns into a request. */
export interface OpenApiRequest {
  document: HttpRequest;
  operationId: string;
  parameters: Value;
}

/** What of a call reads secrets: jq that the activity evaluates, so that no history holds them. */
export interface LateParts {
  /** Gives `{headers, query, body}` of a request, or `{parameters}` of an operation. */
  request?: string;
  /** Gives an HttpAuthentication; it is evaluated first, and the request may read it as `$authorization`. */
  authentication?: string;
  data: Value;
  variables: Record<string, Value>;
  /** Of `use.secrets`: those that are read. */
  secrets: string[];
}

export interface HttpCall extends RunRef {
  /** Stable over attempts; travels as `Idempotency-Key` unless the request has one. */
  key: string;
  path: string;
  request: HttpRequest | OpenApiRequest;
  authentication?: HttpAuthentication;
  /** Takes the place of what `request` and `authentication` leave out. */
  late?: LateParts;
  output: HttpOutput;
  /** Whether 3xx is no error. */
  redirect: boolean;
  timeoutMs: number;
  /** The journal may hold the outcome already. */
  resumed: boolean;
  /** Since the last flush. */
  events: NewRunEvent[];
}

/** What only runs of definitions ask for. */
export interface LanguageActivities {
  /** Local: a function's `with` as its pattern takes it, with durations read and defaults filled in. */
  readParams(
    request: RunRef & { function: PatternName; with: Json },
  ): Promise<{ params: PatternParams[PatternName] } | { errors: string[] }>;
  /**
   * One request. The code of a failure is `http.` and the status of the answer, `http.unreachable`, `http.timeout`,
   * `http.refused` (by the operator's address rule), `http.invalid` (an answer or a document that cannot be used),
   * `secret.not_found` or `expression.failed` (of what reads secrets).
   */
  callHttp(call: HttpCall): Promise<CallResult>;
}
