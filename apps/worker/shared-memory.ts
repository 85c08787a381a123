import type { SharedMemory } from '../../activities/dependencies.js';
import { BrikkError } from '../../contracts/errors.js';
import type { Database } from '../../database/database.js';
import { idempotently } from '../../database/idempotency.repository.js';
import { appendMemory, putMemory, readMemory, searchMemory } from '../../database/memory.repository.js';
import { recallMemory } from '../../database/recall-memory.js';

const NOTHING = { kept: [], left: [], omitted: 0 };

/** Shared memory as the activities see it; operations are remembered beside the idempotency keys of the API. */
export function sharedMemory(database: Database): SharedMemory {
  return {
    read: (orgId, address) => database.inOrg(orgId, (tx) => readMemory(tx, address).catch(unlessMissing)),
    once: ({ orgId, runId, operation }, work) =>
      database.inOrg(orgId, async (tx) => {
        const by = { type: 'run' as const, id: runId };
        const request = { orgId, route: 'memory', key: `${runId}/${operation}`, bodyHash: '', keepFor: 'day' as const };
        const { body } = await idempotently(tx, request, async () => {
          const outcome = await work({
            put: (address, change) => putMemory(tx, address, by, change),
            append: (address, change) => appendMemory(tx, address, by, change),
          });
          return { status: 200, body: outcome };
        });
        return body;
      }),
    recall: (orgId, request) =>
      database.inOrg(orgId, async (tx) => (await recallMemory(tx, request).catch(unlessMissing)) ?? NOTHING),
    search: (orgId, search) => database.inOrg(orgId, (tx) => searchMemory(tx, search)),
  };
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof BrikkError && (error.code === 'memory.not_found' || error.code === 'run.not_found'))
    return undefined;
  throw error;
}
