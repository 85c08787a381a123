import { z } from 'zod';
import { type ApprovalGate, approvalGateSchema } from './approvals.js';
import { type Care, careShape } from './care.js';
import { namesTarget, TARGET_NEEDED } from './call-target.js';
import { type AgentTask, agentTaskSchema } from './calls.js';
import { type Json, jsonSchema } from './json.js';
import { type MemoryTask, memoryTaskOptions } from './memory-tasks.js';
import type { PatternName, PatternParams } from './patterns.js';

/** A pattern used as a step or a branch of another one. */
export type NestedPattern = {
  [Name in PatternName]: { pattern: Name; with: PatternParams[Name]; input?: Json; approval?: ApprovalGate } & Care;
}[PatternName];

/** What a step or branch does: one agent call, or a nested pattern. */
export type Task = AgentTask | NestedPattern;

/** The schema of a task with the extra fields of where it stands. */
export type TaskSchema = <Extras>(extras: z.core.$ZodShape) => z.ZodType<Task & Extras>;

/** The same where a task may also be one of shared memory. */
export type StepSchema = <Extras>(extras: z.core.$ZodShape) => z.ZodType<(Task | MemoryTask) & Extras>;

/** Tasks over these patterns; their parameters are looked up late, since most of them hold tasks themselves. */
export function taskSchemaOver(
  names: readonly PatternName[],
  params: (name: PatternName) => z.ZodType,
  /** Whether a task may also be one of shared memory. */
  hasMemory = false,
): TaskSchema {
  return <Extras>(extras: z.core.$ZodShape) => {
    const nested = names.map((name) =>
      z.strictObject({
        ...extras,
        pattern: z.literal(name),
        with: z.lazy(() => params(name)),
        input: jsonSchema.optional(),
        approval: approvalGateSchema.optional(),
        ...careShape,
      }),
    );
    const [first, ...rest] = nested;
    if (first === undefined) throw new TypeError('there is no pattern');
    const call = agentTaskSchema.extend(extras).refine(namesTarget, TARGET_NEEDED);
    const patterns = z.discriminatedUnion('pattern', [first, ...rest]);
    const options = hasMemory ? [patterns, memoryTaskOptions(extras), call] : [patterns, call];
    return z.union(options) as unknown as z.ZodType<Task & Extras>;
  };
}
