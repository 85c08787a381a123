import { routeWebhook } from '../../activities/webhook-routes.js';
import { newsFrom } from '../../database/channel.js';
import type { Database } from '../../database/database.js';
import { INBOUND_CHANNEL } from '../../database/inbound-channel.js';
import { buryInbound, claimInbound, routeInbound } from '../../database/route-inbound.js';
import type { Vault } from '../../database/vault.js';
import type { InboundRecord } from './inbound-events.js';

/** Postgres as the routing of events from outside sees it. */
export const inboundRecord = (database: Database, vault: Vault): InboundRecord => ({
  claim: (limit) => claimInbound(database, limit),
  route: (event) => database.inOrg(event.orgId, (tx) => routeInbound(tx, vault, event, routeWebhook)),
  bury: ({ id, orgId }, reason) => database.inOrg(orgId, (tx) => buryInbound(tx, id, reason)),
  listen: newsFrom(database, INBOUND_CHANNEL),
});
