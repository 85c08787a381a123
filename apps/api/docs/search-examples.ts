import type { FoundAgents, RankedCandidate, UnfitCapability } from '../../../contracts/agent-search.js';
import type { Json } from '../../../contracts/json.js';

const candidate: RankedCandidate = {
  agentId: '019aa6f0-11aa-7b10-8a30-55b1b7a0c2d4',
  agent: 'triage',
  version: '1.0.0',
  instanceId: '019aa6f0-11ab-7c44-b8f3-0e8a2f61d9aa',
  endpoint: 'http://127.0.0.1:9001/',
  capability: 'triage',
  contract: 'fits',
  score: 84,
  reason: '84 ms a call, 0 of 4 in flight',
};

const unfit: UnfitCapability = {
  agentId: '019aa6f2-7c1c-7b6e-a1b2-c3d4e5f60721',
  agent: 'estimator',
  version: '2.1.0',
  capability: 'estimate',
  why: ["input / must have required property 'size'"],
};

const found: FoundAgents = { items: [candidate], unfit: [unfit] };

/** An answer of each schema of searches for agents, by its id. */
export const SEARCH_EXAMPLES: Record<string, Json> = {
  RankedCandidate: candidate,
  UnfitCapability: unfit,
  FoundAgents: found as unknown as Json,
};
