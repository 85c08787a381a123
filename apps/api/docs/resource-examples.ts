import type { Json } from '../../../contracts/json.js';
import type { Offer } from '../../../contracts/offers.js';
import type { Lease, Resource } from '../../../contracts/resources.js';

const resource: Resource = {
  name: 'gpu',
  capacity: 4,
  unit: 'card',
  grantBy: 'priority',
  noticeMs: 30_000,
  held: 3,
  waiting: 1,
  createdAt: '2026-11-21T16:00:00.000Z',
  updatedAt: '2026-11-21T16:00:00.000Z',
};
const lease: Lease = {
  id: '019aa6f2-8a10-7b6e-a1b2-c3d4e5f60720',
  resource: 'gpu',
  state: 'held',
  amount: 1,
  priority: 'normal',
  holder: { type: 'run', runId: '019aa6f2-7c1e-7d7a-9c55-8d0f8a1f6b01', callKey: 'steps/triage' },
  requestedAt: '2026-11-21T16:30:00.021Z',
  grantedAt: '2026-11-21T16:30:00.024Z',
  expiresAt: '2026-11-21T16:35:00.021Z',
};

const offer: Offer = {
  id: '019aa6f2-9c30-7d2e-8f10-2b3c4d5e6f70',
  resource: 'gpu',
  leaseId: lease.id,
  requestId: '019aa6f2-8b21-7c1d-9e0f-1a2b3c4d5e6f',
  giver: '019aa6f0-1111-7aaa-8bbb-000000000001',
  taker: '019aa6f0-2222-7aaa-8bbb-000000000002',
  state: 'open',
  turn: 'taker',
  terms: [{ by: 'giver', amount: 1, ttlMs: 60_000, priceUsd: 0.5, at: '2026-11-21T16:31:00.000Z' }],
  createdAt: '2026-11-21T16:31:00.000Z',
  updatedAt: '2026-11-21T16:31:00.000Z',
  expiresAt: '2026-11-21T16:32:00.000Z',
};

/** Answers about resources, by the id of their schema. */
export const RESOURCE_EXAMPLES: Record<string, Json> = { Resource: resource, Lease: lease, Offer: offer };
