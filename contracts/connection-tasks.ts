import type { ConnectionTest } from './connections.js';

/** What somebody asks of a connection that only a worker can do. */
export interface ConnectionTask {
  orgId: string;
  connectionId: string;
  /** For the audit: the key of the API, and its request. */
  by: { id: string; requestId: string };
}

export interface ConnectionActivities {
  /** A request without effect. What the outside system says is the answer; fails `connection.not_found`. */
  testConnection(task: ConnectionTask): Promise<ConnectionTest>;
}

/** Workflows of connections; ids are `org_<org id>/connection/<random>`. */
export interface ConnectionCatalog {
  connectionTest(task: ConnectionTask): Promise<ConnectionTest>;
}
