import type { EventIterator } from './definition-events.js';
import type { DurationValue, ExternalResource } from './definition-parts.js';

/** A URI template, an expression in `${ }`, or both with authentication. */
export type Endpoint = string | { uri: string; authentication?: AuthenticationUse };

/** A policy in place, or the name of one in `use.authentications`. */
export type AuthenticationUse = { use: string } | Authentication;

/** The name of a secret in `use.secrets` that holds the policy's fields. */
export interface SecretUse {
  use: string;
}

/** How a server is told who calls, by one kind; each in place, or `use` of a secret that holds its fields. */
export type Authentication =
  | { basic: { username: string; password: string } | SecretUse }
  | { bearer: { token: string } | SecretUse }
  | { digest: { username: string; password: string } | SecretUse }
  | { oauth2: OAuth2 | SecretUse }
  | { oidc: OpenIdConnect | SecretUse };

/**
 * A token that is fetched before the call (OpenID Connect): `authority` is the issuer, and what else is needed
 * depends on `grant`.
 */
export interface OpenIdConnect {
  authority: string;
  grant:
    | 'authorization_code'
    | 'client_credentials'
    | 'password'
    | 'refresh_token'
    | 'urn:ietf:params:oauth:grant-type:token-exchange';
  client?: {
    id?: string;
    secret?: string;
    assertion?: string;
    authentication?: 'client_secret_basic' | 'client_secret_post' | 'client_secret_jwt' | 'private_key_jwt' | 'none';
  };
  request?: { encoding?: 'application/x-www-form-urlencoded' | 'application/json' };
  issuers?: string[];
  scopes?: string[];
  audiences?: string[];
  username?: string;
  password?: string;
  subject?: OAuth2Token;
  actor?: OAuth2Token;
}

/** As OpenIdConnect, with the server's endpoints where discovery does not tell them (RFC 6749). */
export interface OAuth2 extends OpenIdConnect {
  endpoints?: { token?: string; revocation?: string; introspection?: string };
}

/** A token that is exchanged for another (RFC 8693); `type` is its URN. */
export interface OAuth2Token {
  token: string;
  type: string;
}

/** What the output of an HTTP call is: the parsed content (default), its bytes in base64, or the whole exchange. */
export type HttpOutput = 'content' | 'raw' | 'response';

/** `with` of `call: http`. The output is the body unless `output` says; an answer that is not 2xx is an error. */
export interface HttpArguments {
  method: string;
  endpoint: Endpoint;
  /** Values by name, or an expression in `${ }`. */
  headers?: { [name: string]: string } | string;
  body?: unknown;
  /** Values by name, or an expression in `${ }`. */
  query?: { [name: string]: string } | string;
  output?: HttpOutput;
  /** Whether 3xx is no error. */
  redirect?: boolean;
}

/** `with` of `call: openapi`: an operation of a description (OpenAPI 2 or 3). */
export interface OpenApiArguments {
  document: ExternalResource;
  operationId: string;
  parameters?: { [name: string]: unknown };
  authentication?: AuthenticationUse;
  output?: HttpOutput;
  redirect?: boolean;
}

/** `with` of `call: grpc`: a method of a service that `proto` describes. */
export interface GrpcArguments {
  proto: ExternalResource;
  service: { name: string; host: string; port?: number; authentication?: AuthenticationUse };
  method: string;
  arguments?: { [name: string]: unknown };
}

/** `with` of `call: asyncapi`: publishes a message, or reads some. */
export interface AsyncApiArguments {
  document: ExternalResource;
  /** `channel` in AsyncAPI 2, `operation` from 3 on. */
  channel?: string;
  operation?: string;
  server?: { name: string; variables?: object };
  protocol?: string;
  /** Publishes; exactly one of it and `subscription`. */
  message?: { payload?: object; headers?: object };
  subscription?: {
    filter?: string;
    consume: { for?: DurationValue; amount?: number; while?: string; until?: string };
    foreach?: EventIterator;
  };
  authentication?: AuthenticationUse;
}

/** `with` of `call: a2a`: a method of the Agent2Agent protocol, of the agent at `server` or on `agentCard`. */
export interface A2aArguments {
  agentCard?: ExternalResource;
  server?: Endpoint;
  method: string;
  parameters?: { [name: string]: unknown } | string;
}

/** `with` of `call: mcp`: a method of the Model Context Protocol. */
export interface McpArguments {
  protocolVersion?: string;
  method: string;
  parameters?: { [name: string]: unknown } | string;
  timeout?: DurationValue;
  /** One of `http` and `stdio`. */
  transport: {
    http?: { endpoint: Endpoint; headers?: { [name: string]: string } };
    stdio?: { command: string; arguments?: string[]; environment?: { [name: string]: string } };
    options?: { [name: string]: string };
  };
  client?: { name: string; version: string };
}

/** Protocols that `call` names; every other name is a function. */
export interface CallProtocols {
  http: HttpArguments;
  openapi: OpenApiArguments;
  grpc: GrpcArguments;
  asyncapi: AsyncApiArguments;
  a2a: A2aArguments;
  mcp: McpArguments;
}
