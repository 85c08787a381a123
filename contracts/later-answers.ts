import { z } from 'zod';
import { ANSWER_SCHEMAS, type RequestKind } from './agent-protocol.js';
import type { Candidate } from './candidates.js';
import { BrikkError, type Violation } from './errors.js';
import { inputRequiredSchema } from './input-required.js';
import { type Json, jsonSchema } from './json.js';
import type { MadeChoice } from './selection.js';

/** An agent's `202`: it works on, and posts its answer to the callback URL of the request. */
export const answersLaterSchema = z
  .object({
    taskId: z
      .string()
      .max(256)
      .regex(/^[^\p{Cc}\p{Surrogate}]+$/u)
      .describe("The agent's own name of the work."),
  })
  .meta({ id: 'AnswersLater' });

/** An agent has taken a call and answers later. */
export class AnswersLater extends BrikkError {
  constructor(readonly taskId: string) {
    super('agent.pending', `The agent answers later (task ${taskId})`);
  }
}

/** What went wrong with work that was to be answered later, by the status that a direct answer would have had. */
export const laterFailureSchema = z.object({
  status: z.int().min(400).max(599),
  detail: z.string().max(4_096).optional(),
});

/** What stands in place of an answer when the agent said nothing for so long. */
export const laterSilenceSchema = z.strictObject({ silentMs: z.number() });
export type LaterSilence = z.infer<typeof laterSilenceSchema>;

/** `POST /v1/calls/{token}`: the body of a direct answer, or the problem that would have stood in its stead. */
export const laterAnswerSchema = z
  .looseObject({
    output: jsonSchema.optional().describe('Of a task.'),
    bid: jsonSchema.optional().describe('Of a bid.'),
    refuse: jsonSchema.optional().describe('Of a bid: why there is none.'),
    plan: jsonSchema.optional().describe('Of a plan.'),
    decision: jsonSchema.optional().describe('Of a choice.'),
    confidence: jsonSchema.optional().describe('0 to 1.'),
    usage: jsonSchema.optional(),
    inputRequired: jsonSchema.optional().describe('A question instead of an answer.'),
    status: jsonSchema.optional().describe('Of a failure: 400 to 599, as a direct answer would have had it.'),
    detail: jsonSchema.optional().describe('Of a failure: why.'),
  })
  .meta({ id: 'LaterAnswer' });
export type LaterAnswer = Record<string, Json>;

/** `duplicate`: the same answer had come before. */
export const laterReceiptSchema = z.object({ duplicate: z.boolean() }).meta({ id: 'LaterReceipt' });
export type LaterReceipt = z.infer<typeof laterReceiptSchema>;

/** `silentAt`: when the agent will have been silent for too long; null where its silence has no limit. */
export const progressReceiptSchema = z.object({ silentAt: z.string().nullable() }).meta({ id: 'ProgressReceipt' });
export type ProgressReceipt = z.infer<typeof progressReceiptSchema>;

/** Why a body is no answer to a request of this kind; empty when it is one. */
export function whyNoAnswer(kind: RequestKind, body: LaterAnswer): Violation[] {
  const schema = schemaOf(kind, body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => ({ path: path.join('.') || 'body', message }));
}

function schemaOf(kind: RequestKind, body: LaterAnswer): z.ZodType {
  if (body['inputRequired'] !== undefined) return inputRequiredSchema;
  const isFailure = ['output', 'bid', 'refuse', 'plan', 'decision'].every((field) => body[field] === undefined);
  return isFailure && body['status'] !== undefined ? laterFailureSchema : ANSWER_SCHEMAS[kind];
}

/** What a callback token says: which attempt of which call it answers. */
export interface AnsweredAttempt {
  orgId: string;
  runId: string;
  callKey: string;
  attempt: number;
  instanceId: string;
  kind: RequestKind;
  /** Milliseconds since the epoch. */
  sentAt: number;
  expiresAt: number;
}

/** How far a call had come when its agent took it to answer later. */
export interface CallProgress {
  path: string;
  role?: string;
  round?: number;
  /** Times in milliseconds since the epoch: of the call, of its first attempt and of the one that is waited for. */
  startedAt: number;
  firstSentAt: number;
  sentAt: number;
  /** When the whole call is over. */
  endAt: number;
  /** The longest silence of the agent. */
  idleMs?: number;
  /** The attempt that is waited for, from 1. */
  attempt: number;
  /** Attempts that were made, and those of them that count. */
  sent: number;
  counted: number;
  rounds: number;
  /** Instances of this round, and agents that do not want the task. */
  tried: string[];
  refusedBy: string[];
  hasReserved: boolean;
  /** Where selection learns from it. */
  choice?: MadeChoice;
  candidate: Pick<
    Candidate,
    'agentId' | 'agent' | 'version' | 'instanceId' | 'capability' | 'costUsd' | 'outputSchema' | 'degraded'
  >;
}

/** A call that was taken to be answered later; `answer` once it has come. */
export interface WaitingCall {
  key: string;
  progress: CallProgress;
  answer?: { body: LaterAnswer; at: number };
}

/** A call whose agent answers later: the workflow waits until `dueAt`, milliseconds since the epoch, and asks again. */
export interface PendingCall {
  key: string;
  pending: { dueAt: number };
}
