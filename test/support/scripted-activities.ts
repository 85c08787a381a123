import type { AgentActivities, RunActivities } from '../../contracts/run-workflow.js';
import type { ScriptedAgents } from './scripted-agents.js';

/** The activities of a worker whose agents each test scripts anew. */
export function scriptedActivities(agents: () => ScriptedAgents): AgentActivities & RunActivities {
  return {
    callAgents: (batch) => agents().callAgents(batch),
    recordEvents: (flush) => agents().recordEvents(flush),
    evaluate: (request) => agents().evaluate(request),
    validate: (request) => agents().validate(request),
    listCandidates: (request) => agents().listCandidates(request),
    contextRoom: () => agents().contextRoom(),
    findSimilarPlans: (request) => agents().findSimilarPlans(request),
    findOutcomes: (request) => agents().findOutcomes(request),
    memoryGet: (request) => agents().memoryGet(request),
    memoryPut: (request) => agents().memoryPut(request),
    memoryAppend: (request) => agents().memoryAppend(request),
    memorySearch: (request) => agents().memorySearch(request),
    memoryRecall: (request) => agents().memoryRecall(request),
    withdrawCalls: (request) => agents().withdrawCalls(request),
    closeBudget: (request) => agents().closeBudget(request),
    raiseBudget: (request) => agents().raiseBudget(request),
    finishRun: (end) => agents().finishRun(end),
  };
}
