import type { ConnectionAuth } from '../../contracts/connection-auth.js';
import type { Json } from '../../contracts/json.js';
import type { Provider } from '../../contracts/providers.js';

/** A request to the system of a connection. */
export interface ConnectorRequest {
  method: string;
  /** Below the base URL, or absolute: to hosts that the connection allows. */
  path: string;
  /** Null: left out. */
  query?: { [name: string]: Json };
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

export interface ConnectorAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  bytes: Buffer;
}

/** A connection while a call uses it. */
export interface UsedConnection {
  name: string;
  provider: Provider;
  /** Without a slash at its end. */
  baseUrl: string;
  flavour: string | null;
  settings: { readonly [name: string]: string | number | boolean };
  /** Requests carry it by themselves: only what is no HTTP needs to look. */
  auth: ConnectionAuth;
  /** The one before it, while those who know that alone are to be reached, too. */
  previousAuth?: ConnectionAuth | undefined;
}

/** What an action is given. */
export interface ActionCall<With> {
  with: With;
  /** Names the effect: the same over all attempts, and no other effect has it. */
  key: string;
  /** When it was first tried. */
  startedAt: Date;
  connection: UsedConnection;
  timeoutMs: number;
  signal: AbortSignal;
  /** With the credential of the connection. Fails with a BrikkError `connector.…` for any answer but 2xx. */
  request: (request: ConnectorRequest) => Promise<ConnectorAnswer>;
  /** The same for SDKs: with the credential, to allowed hosts alone, without redirects. It answers with any status. */
  fetch: typeof globalThis.fetch;
  /** An address of a system that does not speak HTTP. Fails `connector.forbidden` when the operator's rule refuses it. */
  resolve: (hostname: string, isEncrypted: boolean) => Promise<string>;
}

/** What came of an effect. */
export interface Effect {
  output: Json;
  /** How the outside system calls what was made. */
  externalId?: string;
}

/**
 * A function of the catalogue as its connector carries it out. It repeats nothing by itself, and fails with a BrikkError
 * `connector.…`; any other failure means what the last answer said.
 */
export interface ConnectorAction<With = never> {
  /** After a send whose outcome nobody knows: the effect, when it is there. Without it the send is repeated with the same key. */
  lookup?(call: ActionCall<With>): Promise<Effect | undefined>;
  send(call: ActionCall<With>): Promise<Effect>;
}

/** Something without effect that only the right credential can do; for providers whose record names no request for it. */
export type ConnectorTest = (call: ActionCall<undefined>) => Promise<void>;
