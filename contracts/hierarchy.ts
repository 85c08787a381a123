import { z } from 'zod';
import { namesTarget, TARGET_NEEDED, targetShape } from './call-target.js';
import { type CallOptions, callOptionsShape } from './calls.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';
import type { Task, TaskSchema } from './tasks.js';

/** Whoever answers for a team: hands out its work, judges what fails, and reports. */
export type Manager = CallOptions & { capability?: string; agent?: string };

export interface MemberExtras {
  name: string;
  /** Its part of a budget that is split by weight. */
  weight: number;
}
/** Without members, its manager says what there is to do and who does it. */
export interface Team {
  manager?: Manager;
  members?: TeamMember[];
}
export type TeamMember = MemberExtras & (Task | { team: Team; input?: Json });

/** When a manager is asked about a subtask of its team. */
export type Escalation = 'onFailure' | 'onBudget' | { onLowConfidence: number };

export type HierarchyParams = CallOptions & {
  manager?: Manager;
  tree?: Team;
  allow?: string[];
  maxDepth: number;
  maxFanOut: number;
  maxAgents: number;
  budgetSplit: 'equal' | 'weighted' | 'onDemand';
  reportUp: 'full' | { summary: number; capability?: string };
  escalate: Escalation[];
  reassign: number;
  input?: Json;
  outputSchema?: SchemaDocument;
};

const managerSchema = z.strictObject({ ...targetShape, ...callOptionsShape }).refine(namesTarget, TARGET_NEEDED);

const memberShape = {
  name: nameSchema,
  weight: z.number().positive().max(1_000_000).default(1).describe('Its part under budgetSplit: weighted.'),
};

function teamSchemaOver(taskSchema: TaskSchema): z.ZodType<Team> {
  const team: z.ZodType<Team> = z.lazy(() =>
    z
      .strictObject({ manager: managerSchema.optional(), members: z.array(member).min(1).max(1_000).optional() })
      .refine(({ manager, members }) => manager !== undefined || members !== undefined, {
        message: 'needs a manager, members, or both',
      })
      .refine(({ members = [] }) => new Set(members.map(({ name }) => name)).size === members.length, {
        path: ['members'],
        message: 'names must be unique in a team',
      }),
  );
  const member = z.union([
    z.strictObject({ ...memberShape, team, input: jsonSchema.optional() }),
    taskSchema<MemberExtras>(memberShape),
  ]) as unknown as z.ZodType<TeamMember>;
  return team;
}

const escalationSchema = z.union([
  z.enum(['onFailure', 'onBudget']),
  z.strictObject({ onLowConfidence: z.number().min(0).max(1) }),
]);

/**
 * `hierarchy`: a manager hands out the work (or `tree` declares who does what), workers and teams of further managers do
 * it side by side, and every manager reports one level up. Subtasks beyond `maxDepth`, `maxFanOut` or `maxAgents`, and
 * those that would give an ancestor its own work, are refused before anybody is asked.
 */
export const hierarchyParamsSchema = (taskSchema: TaskSchema): z.ZodType<HierarchyParams> =>
  z
    .strictObject({
      ...callOptionsShape,
      manager: managerSchema.optional().describe('Asked to decide who does what. Instead of `tree`.'),
      tree: teamSchemaOver(taskSchema).optional().describe('The teams as declared. Instead of `manager`.'),
      allow: z.array(nameSchema).min(1).max(100).optional().describe('Capabilities and agents managers may use.'),
      maxDepth: z.int().min(1).max(16).default(4).describe('Managers above one another, the first one counts.'),
      maxFanOut: z.int().min(1).max(1_000).default(20).describe('Subtasks of one team.'),
      maxAgents: z.int().min(1).max(1_000).default(200).describe('Managers and subtasks in the whole tree.'),
      budgetSplit: z.enum(['equal', 'weighted', 'onDemand']).default('onDemand'),
      reportUp: z
        .union([
          z.literal('full'),
          z.strictObject({
            summary: z.int().min(1).max(1_000_000).describe('Tokens of each report; four characters count as one.'),
            capability: nameSchema.optional().describe('Summarises what is longer; it is cut without one.'),
          }),
        ])
        .default('full'),
      escalate: z.array(escalationSchema).max(3).default(['onFailure']),
      reassign: z.int().min(0).max(10).default(1).describe('How often a subtask may be given out anew.'),
      input: jsonSchema.optional(),
      outputSchema: schemaDocumentSchema.optional(),
    })
    .refine(({ manager, tree }) => (manager === undefined) !== (tree === undefined), {
      message: 'needs exactly one of manager and tree',
    })
    .meta({ id: 'HierarchyParams' });
