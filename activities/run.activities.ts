import type { RunActivities } from '../contracts/run-workflow.js';
import { violationsOf } from '../connectors/lib/check-output.js';
import { carry, fitBatch } from './claim-check.js';
import type {
  AgentRegistry,
  Budgets,
  CallJournal,
  FindSimilarPlans,
  FinishRun,
  Payloads,
  PendingCalls,
  RunEvents,
  SharedMemory,
} from './dependencies.js';
import { evaluate } from './evaluate.js';
import { callResult } from './call-result.js';
import { candidateAgents } from './candidate-agents.js';
import { largestInputTokens } from './largest-input.js';
import { memoryActivities } from './memory.activities.js';
import { namingFailures } from './naming-failures.js';
import { withdrawCalls } from './withdraw-calls.js';

export interface RunActivityOptions {
  events: RunEvents;
  journal: CallJournal;
  pending: Pick<PendingCalls, 'find'>;
  payloads: Payloads;
  registry: Pick<AgentRegistry, 'findCandidates' | 'readContextRoom'>;
  memory: SharedMemory;
  budgets: Pick<Budgets, 'close' | 'raise'>;
  findSimilarPlans: FindSimilarPlans;
  finishRun: FinishRun;
}

/** The small steps of a run: events, jq and schemas over values that do not travel, shared memory, and the end of the run. */
export function createRunActivities(options: RunActivityOptions): RunActivities {
  const { events, journal, payloads, registry, budgets, finishRun } = options;
  return namingFailures<RunActivities>({
    recordEvents: (flush) => events.append(flush.orgId, flush.runId, flush.events),

    async evaluate({ orgId, runId, ...expression }) {
      return carry(payloads, { orgId, runId }, await evaluate(payloads, orgId, expression));
    },

    async validate({ orgId, value, schema }) {
      return { errors: violationsOf(schema, await payloads.materialise(orgId, value)) };
    },

    async listCandidates({ orgId, target, limit }) {
      return candidateAgents(await registry.findCandidates(orgId, target), target).slice(0, limit);
    },

    async contextRoom({ orgId, target }) {
      const { tokens, inputSchemas } = await registry.readContextRoom(orgId, target);
      return { tokens, inputTokens: largestInputTokens(inputSchemas) };
    },

    async findOutcomes({ orgId, runId, keys }) {
      const finished = await journal.outcomes(orgId, runId, keys);
      return fitBatch(payloads, { orgId, runId }, [...finished.values()].map(callResult));
    },

    withdrawCalls: (request) => withdrawCalls(options, request),

    ...memoryActivities(options),
    closeBudget: ({ orgId, runId, place }) => budgets.close(orgId, runId, place),
    raiseBudget: ({ orgId, runId, ...raise }) => budgets.raise(orgId, runId, raise),

    finishRun: (end) => finishRun(end),
  });
}
