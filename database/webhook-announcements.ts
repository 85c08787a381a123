import type { AgentEventType } from '../contracts/agent-events.js';
import type { Json } from '../contracts/json.js';
import type { BreakerEventType, ConnectionEventType, OperatorType } from '../contracts/webhook-endpoints.js';
import type { Tx } from './database.js';
import type { BreakerMove } from './breaker-changes.js';
import { publishEvents } from './event-bus.repository.js';
import { uuidv7 } from './uuid.js';

/** What Brikk tells of itself. */
export interface Announcement {
  type: OperatorType | AgentEventType | ConnectionEventType | BreakerEventType;
  data: Json;
  /** What is told of the same is told in order. */
  orderingKey?: string;
}

/** That a breaker has opened or closed; `about` names what it guards. */
export const breakerNews = (target: string, about: Record<string, string>, to: BreakerMove): Announcement => ({
  type: to === 'open' ? 'breaker.opened' : 'breaker.closed',
  data: { target, ...about },
  orderingKey: target,
});

/** To the webhook endpoints that subscribed to it, inside the caller's transaction. */
export async function announce(tx: Tx, orgId: string, announcements: Announcement[]): Promise<void> {
  if (announcements.length === 0) return;
  const events = announcements.map(({ type, data, orderingKey }) => ({
    event: { specversion: '1.0', id: uuidv7(), source: `/orgs/${orgId}`, type, time: new Date().toISOString(), data },
    ...(orderingKey !== undefined && { orderingKey }),
    forEndpoints: true as const,
  }));
  await publishEvents(tx, orgId, events);
}
