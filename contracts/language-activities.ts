import type { ChildActivities } from './child-runs.js';
import type { FormatFunction } from './formats.js';
import type { HttpOutput } from './definition-calls.js';
import type { NewRunEvent } from './events.js';
import type { Json } from './json.js';
import type { PatternName, PatternParams } from './patterns.js';
import type { ProcessKind, RunKind } from './processes.js';
import type { CallResult } from './run-workflow.js';
import type { CallError } from './runs.js';
import type { RunRef, Value } from './values.js';

/** A request of `{headers, query, body, idempotencyKey}`. */
export interface HttpRequest {
  kind: 'http';
  method: string;
  /** Absolute, http or https. */
  uri: string;
}

/** An operation of an OpenAPI 3 or Swagger 2.0 document with `{parameters}`. */
export interface OpenApiRequest {
  kind: 'openapi';
  document: string;
  operationId: string;
}

/**
 * A method of a Model Context Protocol server with `{headers, parameters}`; without `uri` of a process of the worker's
 * machine, with `{command, arguments, environment, parameters}`.
 */
export interface McpRequest {
  kind: 'mcp';
  uri?: string;
  method: string;
  /** Exactly this one; without it what client and server agree on. */
  protocolVersion?: string;
  client?: { name: string; version: string };
}

/** A method of an Agent2Agent server with `{parameters}`: at `uri`, or where the `card` says. */
export interface A2aRequest {
  kind: 'a2a';
  uri?: string;
  card?: string;
  method: string;
}

/** A unary method of a gRPC service with `{arguments}`. */
export interface GrpcRequest {
  kind: 'grpc';
  /** Where the proto file is. */
  proto: string;
  service: string;
  host: string;
  port?: number;
  method: string;
}

/** A channel of an AsyncAPI document with `{message: {payload, headers}, variables}`: those of its server and its address. */
export interface AsyncApiRequest {
  kind: 'asyncapi';
  document: string;
  /** Exactly one of them. */
  operation?: string;
  channel?: string;
  /** Of the servers of the document; without it the first that can be spoken to. */
  server?: string;
  protocol?: string;
  /** Messages are consumed; without it one is published. */
  consume?: Consumption;
}

/** Which messages are consumed; `filter`, `while` and `until` are jq over a message `{payload, headers, correlationId}`. */
export interface Consumption {
  filter?: string;
  amount?: number;
  while?: string;
  until?: string;
  forMs?: number;
  /** Of the expressions. */
  variables: Record<string, Value>;
}

/** A function of a connector with `{with, idempotencyKey}`; `with` names the connection. */
export interface ConnectorRequest {
  kind: 'connector';
  function: string;
}

/** A function that reads or writes a text of a format, with `{with}`. */
export interface FormatRequest {
  kind: 'format';
  function: FormatFunction;
}

/** A process with `{command, code, language, image, arguments, environment, stdin, …}`, as its kind has them. */
export interface ProcessRequest {
  kind: 'process';
  process: RunKind;
  /** Where the code of a script is, when it is not in place. */
  source?: string;
}

/** A document that a definition names by an address: a JSON Schema, or the task that a function is. */
export interface ResourceRequest {
  kind: 'resource';
  what: 'schema' | 'function';
  uri: string;
}

/** What a document said when the run first read it; `hash` is the SHA-256 of its canonical JSON. */
export interface FetchedResource {
  hash: string;
  document: Json;
}

/** What of a call is evaluated: with its expressions as values, or as jq that the activity evaluates. */
export interface CallParts<Part> {
  /** What the request is filled with: each kind says which fields. */
  request: Part;
  /** The policy of `authentications` by which the server is asked. */
  authentication?: Part;
  /** The policy by which its document (OpenAPI, agent card, proto) is fetched. */
  document?: Part;
}

/**
 * Parts that read secrets, as jq that the activity evaluates, so that no history holds them. The authentication is
 * evaluated first, and the request may read it as `$authorization`.
 */
export interface LateParts extends CallParts<string> {
  data: Value;
  variables: Record<string, Value>;
  /** Of `use.secrets`: those that are read. */
  secrets: string[];
}

/** A call that an activity makes, with what only the activity may know; nearly all of them leave the installation. */
export interface OutsideCall<Request> extends RunRef {
  /** Stable over attempts; travels as `Idempotency-Key` unless the request has one. */
  key: string;
  path: string;
  request: Request;
  parts: CallParts<Value> | LateParts;
  timeoutMs: number;
  /** The journal may hold the outcome already. */
  resumed: boolean;
  /** Since the last flush. */
  events: NewRunEvent[];
}

export interface HttpCall extends OutsideCall<HttpRequest | OpenApiRequest> {
  output: HttpOutput;
  /** Whether 3xx is no error. */
  redirect: boolean;
}

export type ServerCall = OutsideCall<McpRequest | A2aRequest | GrpcRequest | AsyncApiRequest>;

export type ConnectorCall = OutsideCall<ConnectorRequest>;

export type FormatCall = OutsideCall<FormatRequest>;

export type ProcessCall = OutsideCall<ProcessRequest>;

export type ResourceCall = OutsideCall<ResourceRequest>;

/** A list of tasks that a planner wrote. */
export interface TaskListRequest extends RunRef {
  tasks: Json;
  /** Capabilities, calls and kinds of tasks. */
  allow: string[];
  maxTasks: number;
  /** Calls of agents that a budget still covers. */
  maxCalls?: number;
  /** Names of its own tasks that were done before. */
  finished: string[];
}

/** What runs of definitions ask for, and plans in their language. */
export interface LanguageActivities extends ChildActivities {
  /** Local: a function's `with` as its pattern takes it, with durations read and defaults filled in. */
  readParams(
    request: RunRef & { function: PatternName; with: Json },
  ): Promise<{ params: PatternParams[PatternName] } | { errors: string[] }>;
  /** Local: why the list may not be performed; empty when it may. */
  checkTasks(request: TaskListRequest): Promise<{ errors: string[] }>;
  /**
   * One request. The code of a failure is `http.` and the status of the answer, `http.unreachable`, `http.timeout`,
   * `http.refused` (by the operator's address rule), `http.invalid` (an answer or a document that cannot be used),
   * `authentication.failed` (no token is to be had), `secret.not_found`, or `expression.failed` (parts that give no
   * request).
   */
  callHttp(call: HttpCall): Promise<CallResult>;
  /**
   * One method of a server that speaks another protocol. Beside the codes of `callHttp`: `server.failed`, when the
   * server says that the method failed, `grpc.` with the HTTP status that a gRPC status stands for, `document.unusable` and
   * `validation.failed` of AsyncAPI: the document does not say how messages go, or a message breaks its schema; of a server
   * that is a process `process.refused` by the operator's setting.
   */
  callServer(call: ServerCall): Promise<CallResult>;
  /**
   * An effect outside, once for its key: on record before it is sent. What may pass is tried again with the waits of the
   * outside system, while no activity runs. Codes: `connector.…` and `connection.…`, `function.not_found`, and those of
   * the parts.
   */
  callConnector(call: ConnectorCall): Promise<CallResult>;
  /**
   * A text of a format parsed, or a value printed; large ones keep a worker busy for a moment, which no workflow may. Codes:
   * `validation.failed`, when the text is not what it should be or the value cannot be said, and those of the parts.
   */
  convertFormat(call: FormatCall): Promise<CallResult>;
  /** Local: why the run may not start such processes here; empty when it may. */
  checkProcesses(request: RunRef & { processes: ProcessKind[] }): Promise<{ errors: string[] }>;
  /**
   * A process to its end, `{code, stdout, stderr}`. Codes: `process.refused` by the operator's setting, `process.failed`
   * (not started, or it said too much), `http.timeout`, and those of the parts.
   */
  runProcess(call: ProcessCall): Promise<CallResult>;
  /** A document, fetched once for a run: the journal has what it said. Failures as those of `callServer`; they are not kept. */
  fetchResource(call: ResourceCall): Promise<FetchedResource | { error: CallError }>;
}
