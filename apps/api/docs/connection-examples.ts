import type { Breaker } from '../../../contracts/breakers.js';
import type { Authorization, Connection, ConnectionTest } from '../../../contracts/connections.js';
import type { Json } from '../../../contracts/json.js';

const connection: Connection = {
  id: '019aa6f3-1b2c-7d4e-8f50-61728394a5b7',
  name: 'shop',
  provider: 'http',
  authKind: 'bearer',
  status: 'active',
  baseUrls: ['https://api.shop.example.com/v2'],
  flavour: null,
  settings: { testPath: '/me' },
  allowedHosts: [],
  rateLimit: { points: 10, durationMs: 1_000 },
  maxInFlight: null,
  fallback: null,
  credentialVersion: 1,
  previousUntil: null,
  expiresAt: '2026-12-31T00:00:00.000Z',
  lastError: null,
  createdAt: '2026-03-01T10:00:00.000Z',
  updatedAt: '2026-03-01T10:00:00.000Z',
};
const breaker: Breaker = {
  target: `connector:${connection.id}`,
  state: 'open',
  calls: 0,
  failures: 0,
  timesOpened: 1,
  openUntil: '2026-03-01T10:00:30.000Z',
};
const authorization: Authorization = {
  url: 'https://login.example.com/authorize?response_type=code&client_id=brikk&state=AZqm8xssfU6PUGFygpOktw.u3…',
  expiresAt: '2026-03-01T10:10:00.000Z',
};
const test: ConnectionTest = { ok: true, latencyMs: 84, error: null };

/** Answers about connections, by the names of their schemas. */
export const CONNECTION_ANSWERS: Record<string, Json> = {
  Connection: connection as unknown as Json,
  ConnectionInUse: { ...connection, queue: { waiting: 12, oldestMs: 1_840 } } as unknown as Json,
  Breaker: breaker as unknown as Json,
  ConnectionAuthorization: authorization as unknown as Json,
  ConnectionTest: test as unknown as Json,
};
