import { afterEach } from '@jest/globals';
import type { Candidate } from '../../contracts/candidates.js';
import { type LlmAgent, llmSettingsSchema } from '../../contracts/llm-agents.js';
import { callOf, createHouse, finished } from './agent-house.js';
import { type AskedModel, LlmServer, type ModelReply } from './llm-server.js';

const servers: LlmServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** A house with one model, which does what the script says. */
export async function houseWith(
  script: (asked: AskedModel, turn: number) => ModelReply | Promise<ModelReply>,
  settings: object = {},
  more: { agent?: Partial<LlmAgent>; candidate?: Partial<Candidate> } = {},
) {
  let turn = 0;
  const llm = await LlmServer.listen((asked) => script(asked, (turn += 1)));
  servers.push(llm);
  const made = createHouse();
  const agentId = 'id-model';
  made.house.models.set(agentId, {
    name: 'model',
    contextTokens: null,
    contracts: [],
    settings: llmSettingsSchema.parse({ provider: 'openai-compatible', model: 'small', ...settings }),
    ...more.agent,
  });
  made.house.candidates.push({
    agentId,
    agent: 'model',
    version: '1.0.0',
    instanceId: 'instance-model',
    endpoint: llm.origin,
    protocol: 'llm',
    capability: 'triage',
    maxConcurrency: 4,
    inFlight: 0,
    load: null,
    latencyMs: null,
    successRate: null,
    costUsd: null,
    breaker: 'closed',
    labels: {},
    ...more.candidate,
  });
  const ask = async (change: Parameters<typeof callOf>[1] = {}) => {
    const [outcome] = await made.run({ calls: [callOf('a', change)] });
    return finished(outcome);
  };
  return { ...made, llm, ask };
}
