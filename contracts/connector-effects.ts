import type { ConnectionAuth, FreshTokens, TokenAuth, TokenProof } from './connection-auth.js';
import type { Value } from './values.js';

/** A credential that was replaced, and is tried for a while where the next one is refused. */
export interface PreviousCredential {
  version: number;
  auth: ConnectionAuth;
}

/** What is to happen outside, once for its key. */
export interface EffectRequest {
  key: string;
  /** Of the call in its run. */
  callKey: string;
  function: string;
  /** Of the parameters: the same key goes with the same ones. */
  requestHash: string;
  /** Another call of the same key leaves it alone for so long. */
  holdMs: number;
}

export type Claim =
  | { state: 'finished'; output: Value }
  /** Another call has it in hand. */
  | { state: 'held' }
  /** Left to what stands in for the connection. */
  | { state: 'replaced' }
  /** `isUnknown`: an earlier send may have happened. `sends` counts this one. `baseUrls`: of the connection, the best first. */
  | {
      state: 'mine';
      isUnknown: boolean;
      sends: number;
      startedAt: Date;
      auth: ConnectionAuth;
      previous?: PreviousCredential;
      baseUrls: string[];
    };

/**
 * What came of a send. `started`: nobody knows, so that the next one looks first. `waiting`, `failed`: it did not happen.
 * `replaced`: it is left to what stands in for the connection.
 */
export interface EffectEnd {
  state: 'started' | 'waiting' | 'finished' | 'failed' | 'replaced';
  /** Where it went last. */
  baseUrl?: string;
  output?: Value;
  externalId?: string;
  errorClass?: string;
  /** Until it is tried again. */
  holdMs?: number;
}

/** Whether a call may go out. `failures`: those that its breaker knows of, so that a success is news. */
export type Entry =
  | { isOpen: true; failures: number }
  | { isOpen: false; code: 'connector.rate_limited' | 'connector.circuit_open'; waitMs: number };

/** One address of a connection that was asked. */
export interface TriedUrl {
  url: string;
  isFailure: boolean;
}

/** A token as long as it lives. */
export interface HeldToken {
  token: string;
  issuedAtMs: number;
}
export type AskForTokens = (auth: TokenAuth, proof: TokenProof | undefined) => Promise<FreshTokens>;
