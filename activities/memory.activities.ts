import type { MemoryActivities, MemoryOutcome } from '../contracts/memory-activities.js';
import { BrikkError, type ErrorCode } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import { carry } from './claim-check.js';
import type { FindSimilarPlans, Payloads, SharedMemory } from './dependencies.js';

const REASONS: Partial<Record<ErrorCode, Extract<MemoryOutcome, { written: false }>['reason']>> = {
  'memory.conflict': 'conflict',
  'memory.too_large': 'too_large',
  'memory.not_a_list': 'not_a_list',
  'run.not_found': 'no_such_run',
};

interface MemoryActivityOptions {
  memory: SharedMemory;
  payloads: Payloads;
  findSimilarPlans: FindSimilarPlans;
}

/** Shared memory and past plans as workflows call it: large values travel as references, and a write happens once for its operation. */
export function memoryActivities({ memory, payloads, findSimilarPlans }: MemoryActivityOptions): MemoryActivities {
  return {
    async memoryGet({ orgId, runId, ...address }) {
      const entry = await memory.read(orgId, address);
      return entry ? { value: await carry(payloads, { orgId, runId }, entry.value), version: entry.version } : null;
    },

    async memoryPut({ orgId, runId, operation, scope, scopeId, key, value, ...terms }) {
      const change = { value: await payloads.materialise(orgId, value), ...terms };
      return memory.once({ orgId, runId, operation }, (write) => outcomeOf(write.put({ scope, scopeId, key }, change)));
    },

    async memoryAppend({ orgId, runId, operation, scope, scopeId, key, item, ...terms }) {
      const change = { item: await payloads.materialise(orgId, item), ...terms };
      return memory.once({ orgId, runId, operation }, (write) =>
        outcomeOf(write.append({ scope, scopeId, key }, change)),
      );
    },

    async findSimilarPlans({ orgId, runId, goal, limit }) {
      const plans = await findSimilarPlans(orgId, goal, limit);
      return carry(payloads, { orgId, runId }, plans as unknown as Json[]);
    },

    async memoryRecall({ orgId, runId, ...request }) {
      const { kept, left, omitted } = await memory.recall(orgId, request);
      return {
        kept: await carry(payloads, { orgId, runId }, kept),
        ...(left.length > 0 && { left: await carry(payloads, { orgId, runId }, left) }),
        names: kept.map(({ key, version }) => `${key}@${version}`),
        omitted,
      };
    },

    memorySearch: ({ orgId, runId: _runId, ...search }) => memory.search(orgId, search),
  };
}

async function outcomeOf(writing: Promise<{ version: number }>): Promise<MemoryOutcome> {
  try {
    return { written: true, version: (await writing).version };
  } catch (error) {
    const reason = error instanceof BrikkError ? REASONS[error.code] : undefined;
    if (reason === undefined) throw error;
    return { written: false, reason, message: (error as BrikkError).message };
  }
}
