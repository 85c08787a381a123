import { putAgentTemplateSchema, putPoolSchema } from '../../contracts/pools.js';
import { putAgentTemplate } from '../../database/agent-templates.repository.js';
import type { Database } from '../../database/database.js';
import { keepBacklog, keepPool } from '../../database/pool-hosting.js';
import { putPool } from '../../database/pools.repository.js';
import { uuidv7 } from '../../database/uuid.js';

/** A pool by a template, both of them called `known`; nobody hosts it. */
export async function keptPool(
  database: Database,
  orgId: string,
  template: object = {},
  pool: object = {},
): Promise<void> {
  const wanted = putAgentTemplateSchema.parse({ agent: 'known', module: '/srv/known.js', ...template });
  const terms = putPoolSchema.parse({ template: 'known', ...pool });
  await database.inOrg(orgId, async (tx) => {
    await putAgentTemplate(tx, orgId, 'known', wanted);
    await putPool(tx, orgId, 'known', terms);
  });
}

/** The same, with a member, and a call that waits for it. */
export async function hostedPool(database: Database, orgId: string): Promise<void> {
  await keptPool(database, orgId);
  await database.inOrg(orgId, async (tx) => {
    const [pool] = await tx<{ id: string }>('SELECT id FROM agent_pool');
    const ready = { state: 'ready' as const, pid: 1, instanceId: null, endpoint: null, inFlight: 0, readyAfterMs: 1 };
    const member = { id: uuidv7(), ...ready, templateVersion: 1, startedAt: new Date().toISOString() };
    const measured = { queue: 1, avgResponseMs: null, throughputPerS: 0 };
    await keepPool(tx, orgId, pool!.id, { state: 'ready', reason: null, measured, members: [member] });
    await keepBacklog(tx, orgId, uuidv7(), [{ agent: 'known', capability: '', waiting: 1 }]);
  });
}
