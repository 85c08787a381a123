import { z } from 'zod';
import { namesTarget, TARGET_NEEDED, targetShape } from './call-target.js';
import { type CallOptions, callOptionsShape } from './calls.js';
import { expressionSchema } from './templates.js';
import { type Json, jsonSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';
import { haveUniqueNames, MAX_MEMBERS, type Member, memberSchema, UNIQUE_NAMES } from './members.js';

/** Longer talk belongs into several runs: every participant is given all that was said. */
const MAX_ROUNDS = 200;

/** Who says who speaks next: declared order, jq giving a name (null ends the talk), or an agent asked to decide. */
const managerSchema = z.union([
  z.literal('round-robin'),
  z.strictObject({ expr: expressionSchema }),
  z.strictObject(targetShape).refine(namesTarget, TARGET_NEEDED),
]);
export type ChatManager = 'round-robin' | { expr: string } | { capability?: string; agent?: string };

const membersSchema = z.array(memberSchema).min(1).refine(haveUniqueNames, UNIQUE_NAMES);

/** One makes, others approve or reject with reasons; what is rejected is made anew, at most `maxRevisions` times. */
const makerCheckerSchema = z
  .strictObject({
    maker: memberSchema,
    checkers: membersSchema.max(20),
    pass: z.union([z.literal('all'), z.strictObject({ quorum: z.int().min(1).max(20) })]).default('all'),
    maxRevisions: z.int().min(0).max(MAX_ROUNDS).default(3),
  })
  .refine(({ pass, checkers }) => pass === 'all' || pass.quorum <= checkers.length, {
    path: ['pass', 'quorum'],
    message: 'must be at most the number of checkers',
  });
export interface MakerChecker {
  maker: Member;
  checkers: Member[];
  pass: 'all' | { quorum: number };
  maxRevisions: number;
}

export interface Chat {
  participants: Member[];
  manager?: ChatManager;
  maxRounds: number;
  terminateWhen?: string;
  output?: 'last' | 'messages';
}

export type GroupChatParams = CallOptions &
  Partial<Chat> & {
    makerChecker?: MakerChecker;
    input?: Json;
    outputSchema?: SchemaDocument;
  };

const CHAT_FIELDS = ['participants', 'maxRounds', 'manager', 'terminateWhen', 'output'] as const;
const NEEDED_FIELDS = ['participants', 'maxRounds'] as const;

/**
 * `groupChat`: participants speak one after another, each given all that was said, until `terminateWhen` holds, the
 * manager ends it, or after `maxRounds` turns. Or its preset `makerChecker` alone.
 */
export const groupChatParamsSchema: z.ZodType<GroupChatParams> = z
  .strictObject({
    ...callOptionsShape,
    participants: membersSchema.max(MAX_MEMBERS).optional(),
    manager: managerSchema.optional().describe('Who says who speaks next. Default: round-robin.'),
    maxRounds: z.int().min(1).max(MAX_ROUNDS).optional().describe('Turns; a round is one turn of one participant.'),
    terminateWhen: expressionSchema.optional().describe('jq over {input, messages, last, round} after each turn.'),
    output: z.enum(['last', 'messages']).optional().describe('The last message (default), or all of them.'),
    makerChecker: makerCheckerSchema.optional(),
    input: jsonSchema.optional(),
    outputSchema: schemaDocumentSchema.optional(),
  })
  .superRefine((params, check) => {
    const fail = (field: string, message: string) => check.addIssue({ code: 'custom', path: [field], message });
    if (params.makerChecker === undefined) {
      for (const field of NEEDED_FIELDS)
        if (params[field] === undefined) fail(field, 'is required without makerChecker');
    } else {
      for (const field of CHAT_FIELDS) if (params[field] !== undefined) fail(field, 'does not go with makerChecker');
    }
  })
  .meta({ id: 'GroupChatParams' });
