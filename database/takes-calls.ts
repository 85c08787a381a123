/** Of an instance `i`: it has a lease, and nothing says that it is on its way out or asleep. */
export const TAKES_CALLS = `NOT i.draining AND i.state NOT IN ('shutdown', 'idle')
  AND (i.lease_expires_at IS NULL OR i.lease_expires_at > now())`;

/** Of an agent `a`: one of its instances takes calls. */
export const HAS_INSTANCES = `EXISTS (SELECT FROM agent_instance i WHERE i.agent_id = a.id AND ${TAKES_CALLS})`;
