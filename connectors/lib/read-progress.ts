import { type AgentProgress, agentProgressSchema } from '../../contracts/agent-progress.js';
import { whyUnstorable } from './storable-json.js';

/** What somebody says of its progress; undefined when it cannot be read or kept, which fails nothing. */
export function readProgress(json: unknown): AgentProgress | undefined {
  const progress = agentProgressSchema.safeParse(json).data;
  return whyUnstorable(progress) === undefined ? progress : undefined;
}
