import { nameSchema } from './json.js';

export const targetShape = {
  capability: nameSchema.optional(),
  agent: nameSchema.optional().describe('Name or id of one agent; without `capability` its first one is asked for.'),
} as const;

/** `capability`: any agent that has it; `agent`: this one; both: this one, for this work. */
export function namesTarget(task: { capability?: string; agent?: string }): boolean {
  return task.capability !== undefined || task.agent !== undefined;
}
export const TARGET_NEEDED = 'needs capability, agent or both';
