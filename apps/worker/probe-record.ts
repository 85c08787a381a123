import { AGENT_CHANNEL, claimProbes, settleProbe } from '../../database/agent-probes.js';
import { newsFrom } from '../../database/channel.js';
import type { ClientCertificates } from '../../database/client-certificates.js';
import type { Database } from '../../database/database.js';
import type { ProbeRecord } from './agent-prober.js';

/** Postgres as those see it who ask new agents how they are. */
export const probeRecord = (database: Database, certificates: ClientCertificates): ProbeRecord => ({
  claim: (limit) => claimProbes(database, limit),
  settle: (instance) => settleProbe(database, instance),
  certificateOf: async ({ orgId, clientCertificate: name }) =>
    name === null ? undefined : certificates.of(orgId, name),
  listen: newsFrom(database, AGENT_CHANNEL),
});
