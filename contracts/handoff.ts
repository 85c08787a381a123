import { z } from 'zod';
import { type CallOptions, callOptionsShape } from './calls.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';
import { haveUniqueNames, MAX_MEMBERS, type Member, memberSchema, UNIQUE_NAMES } from './members.js';

export type HandoffParams = CallOptions & {
  start?: string;
  targets: Member[];
  maxHops: number;
  input?: Json;
  outputSchema?: SchemaDocument;
};

/**
 * `handoff`: one agent at a time has the work, and answers with an output or with `{handoff: {to, reason, context}}`.
 * Only `targets` may be handed the work; the first of them has it first, unless `start` names another.
 */
export const handoffParamsSchema: z.ZodType<HandoffParams> = z
  .strictObject({
    ...callOptionsShape,
    start: nameSchema.optional().describe('Name of the target that has the work first. Default: the first target.'),
    targets: z
      .array(memberSchema)
      .min(1)
      .max(MAX_MEMBERS)
      .refine(haveUniqueNames, UNIQUE_NAMES)
      .refine((targets) => targets.every(({ outputSchema }) => outputSchema === undefined), {
        message: 'a target has no outputSchema: it may answer with a hand-over, too; say it for the whole pattern',
      }),
    maxHops: z.int().min(1).max(200).default(10).describe('How often the work may change hands.'),
    input: jsonSchema.optional(),
    outputSchema: schemaDocumentSchema.optional(),
  })
  .superRefine(({ start, targets }, check) => {
    if (start === undefined || targets.some(({ name }) => name === start)) return;
    const names = targets.map(({ name }) => name).join(', ');
    check.addIssue({ code: 'custom', path: ['start'], message: `must be the name of a target: ${names}` });
  })
  .meta({ id: 'HandoffParams' });
