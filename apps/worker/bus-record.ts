import { hearScheduled, readEvents } from '../../activities/event-matches.js';
import { BUS_CHANNEL } from '../../database/bus-channel.js';
import { Channel } from '../../database/channel.js';
import type { Database } from '../../database/database.js';
import { claimDeliveries, settleDeliveries } from '../../database/event-deliveries.js';
import { fireEventSchedule } from '../../database/event-schedules.js';
import { publishOutbox } from '../../database/event-outbox.js';
import type { BusRecord } from './event-bus.js';

/** Postgres as the event bus sees it. */
export const busRecord = (database: Database): BusRecord => ({
  publishOutbox: () => publishOutbox(database),
  claimDeliveries: (limit) => claimDeliveries(database, limit),
  settleDeliveries: ({ orgId, listenerId }, numbers, status) =>
    database.inOrg(orgId, (tx) => settleDeliveries(tx, listenerId, numbers, status)),
  fireSchedule: (listener) =>
    database.inOrg(listener.orgId, (tx) => fireEventSchedule(tx, listener, { hear: hearScheduled, read: readEvents })),
  listen: async (onNews) => {
    const channel = new Channel(database, BUS_CHANNEL, { onNotice: onNews, onGap: onNews });
    await channel.start();
    return channel;
  },
});
