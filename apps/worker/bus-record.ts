import { hearScheduled, readEvents } from '../../activities/event-matches.js';
import { renderWebhook } from '../../activities/webhook-messages.js';
import { BUS_CHANNEL } from '../../database/bus-channel.js';
import { newsFrom } from '../../database/channel.js';
import type { Database } from '../../database/database.js';
import { claimDeliveries, settleDeliveries } from '../../database/event-deliveries.js';
import { fireEventSchedule } from '../../database/event-schedules.js';
import { publishOutbox } from '../../database/event-outbox.js';
import type { Vault } from '../../database/vault.js';
import { fanOutToEndpoints } from '../../database/webhook-fan-out.js';
import type { BusRecord } from './event-bus.js';

/** Postgres as the event bus sees it. */
export const busRecord = (database: Database, vault: Vault): BusRecord => ({
  publishOutbox: () => publishOutbox(database),
  claimDeliveries: (limit) => claimDeliveries(database, limit),
  settleDeliveries: ({ orgId, listenerId }, numbers, status) =>
    database.inOrg(orgId, (tx) => settleDeliveries(tx, listenerId, numbers, status)),
  fireSchedule: (listener) =>
    database.inOrg(listener.orgId, (tx) => fireEventSchedule(tx, listener, { hear: hearScheduled, read: readEvents })),
  fanOut: async (orgId, endpoints) => {
    const some = () => database.inOrg(orgId, (tx) => fanOutToEndpoints(tx, vault, { orgId, endpoints }, renderWebhook));
    while (await some());
  },
  listen: newsFrom(database, BUS_CHANNEL),
});
