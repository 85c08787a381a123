import type { ConnectionTest } from './connections.js';

/** What somebody asks of a connection that only a worker can do. */
export interface ConnectionTask {
  orgId: string;
  connectionId: string;
  /** For the audit: the key of the API, and its request. */
  by: { id: string; requestId: string };
}

/** A person has agreed: what the authority gave for it is kept under its state. */
export interface AuthorizationTask {
  orgId: string;
  /** Of the state: whoever has it cannot make the state of it. */
  stateHash: string;
}

/** What came of an agreement. */
export interface Authorized {
  connection: string;
}

export interface ConnectionActivities {
  /** A request without effect. What the outside system says is the answer; fails `connection.not_found`. */
  testConnection(task: ConnectionTask): Promise<ConnectionTest>;
  /** Tokens for the code of an agreement. Fails `oauth.denied`, `oauth.state_invalid` and `connector.unavailable`. */
  authorizeConnection(task: AuthorizationTask): Promise<Authorized>;
}

/** Workflows of connections; ids are `org_<org id>/connection/<random>`. */
export interface ConnectionCatalog {
  connectionTest(task: ConnectionTask): Promise<ConnectionTest>;
  connectionAuthorization(task: AuthorizationTask): Promise<Authorized>;
}
