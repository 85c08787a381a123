import type { Json } from '../../../contracts/json.js';
import type { SessionSummary } from '../../../contracts/sessions.js';

const session: SessionSummary = {
  id: '019aa6f2-6b10-7c1e-b2d3-e4f5061728a9',
  agentId: '019aa6f2-1a10-7c1e-b2d3-e4f5061728b0',
  instanceId: '019aa6f2-1a11-7c1e-b2d3-e4f5061728b1',
  key: 'checkout-4711',
  handOvers: 1,
  version: 4,
  bytes: 35,
  ttlMs: 600_000,
  createdAt: '2026-11-21T16:20:00.000Z',
  usedAt: '2026-11-21T16:30:00.131Z',
  expiresAt: '2026-11-21T16:40:00.131Z',
};

/** Answers about sessions, by the id of their schema. */
export const SESSION_EXAMPLES: Record<string, Json> = {
  SessionSummary: session,
  Session: { ...session, state: { url: 'https://shop.example/cart' } },
};
