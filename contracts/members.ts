import { namesTarget, TARGET_NEEDED } from './call-target.js';
import { type AgentTask, agentTaskSchema } from './calls.js';
import { nameSchema } from './json.js';

/** Somebody who takes part in a pattern under a name of its own. */
export type Member = AgentTask & { name: string };

/** A member is called like its agent or capability unless it says otherwise. */
export const memberSchema = agentTaskSchema
  .extend({ name: nameSchema.optional().describe('Default: the name of its agent or capability.') })
  .refine(namesTarget, TARGET_NEEDED)
  .transform((member): Member => ({ ...member, name: member.name ?? member.agent ?? member.capability ?? '' }));

/** At most so many take part in one pattern; each of them is told of all the others. */
export const MAX_MEMBERS = 100;

export const haveUniqueNames = (members: Member[]): boolean =>
  new Set(members.map(({ name }) => name)).size === members.length;
export const UNIQUE_NAMES = 'names must be unique; give a member a name of its own';
