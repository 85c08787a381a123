import { AGENT_CHANNEL } from '../../database/agent-probes.js';
import { newsFrom } from '../../database/channel.js';
import type { Database, Tx } from '../../database/database.js';
import {
  claimPools,
  drainMembers,
  endMembers,
  keepPool,
  loadHosted,
  readPoolFacts,
  releasePools,
  removePool,
  takeOverPool,
  wakeMembers,
} from '../../database/pool-hosting.js';
import { resizePool } from '../../database/pools.repository.js';
import type { HostRecord } from './pool-host.js';

/** Postgres as a host of pools sees it. */
export const hostRecord = (database: Database, host: string): HostRecord => ({
  claim: () => claimPools(database, host),
  release: () => releasePools(database, host),
  of: ({ id, orgId }) => {
    const inOrg = <T>(work: (tx: Tx) => Promise<T>) => database.inOrg(orgId, work);
    const unlessNone = (ids: string[], work: (tx: Tx) => Promise<void>) =>
      ids.length === 0 ? Promise.resolve() : inOrg(work);
    return {
      load: () => inOrg((tx) => loadHosted(tx, id, host)),
      takeOver: (agent) => inOrg((tx) => takeOverPool(tx, orgId, id, agent)),
      facts: (agent, instanceIds) => inOrg((tx) => readPoolFacts(tx, agent, instanceIds)),
      keep: (pool) => inOrg((tx) => keepPool(tx, orgId, id, pool)),
      wake: (ids) => unlessNone(ids, (tx) => wakeMembers(tx, orgId, ids)),
      drain: (ids) => unlessNone(ids, (tx) => drainMembers(tx, orgId, ids)),
      end: (ids) => unlessNone(ids, (tx) => endMembers(tx, orgId, ids)),
      scale: (name, size, reason) => inOrg((tx) => resizePool(tx, orgId, name, size, reason)),
      remove: () => inOrg((tx) => removePool(tx, id)),
    };
  },
  listen: newsFrom(database, AGENT_CHANNEL),
});
