import type { Json } from '../../../contracts/json.js';
import type { Lease, Resource } from '../../../contracts/resources.js';

const resource: Resource = {
  name: 'gpu',
  capacity: 4,
  unit: 'card',
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

/** Answers about resources, by the id of their schema. */
export const RESOURCE_EXAMPLES: Record<string, Json> = { Resource: resource, Lease: lease };
