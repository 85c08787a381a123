import { z } from 'zod';
import { nameSchema } from './json.js';
import type { Priority } from './priority.js';

/** Units of one resource, at most. */
const MAX_UNITS = 1_000_000_000;
/** Resources that one call may need. */
const MAX_NEEDS = 8;
export const unitsSchema = z.int().min(1).max(MAX_UNITS);

/** Units by the name of the resource, such as `{gpu: 1}`; all of them are leased for a call, or none. */
export const needsSchema = z
  .record(nameSchema, unitsSchema)
  .refine((needs) => Object.keys(needs).length <= MAX_NEEDS, `must name at most ${MAX_NEEDS} resources`);
export type Needs = z.infer<typeof needsSchema>;

/** A call that asks for what it needs, for the first time or again. */
export interface LeaseRequest {
  runId: string;
  callKey: string;
  needs: Needs;
  priority: Priority;
  /** Milliseconds until the call is over: it holds what it gets no longer. */
  leftMs: number;
}

/** What came of it. */
export type LeaseAnswer =
  | { state: 'held'; waitedMs: number }
  /** `ahead`: requests before it for the same resources. */
  | { state: 'waiting'; waitedMs: number; ahead: number }
  /** There is no such resource, or it has less; `capacity` is what it has. */
  | { state: 'refused'; resource: string; capacity: number | null }
  | { state: 'deadlocked'; refusal: LeaseRefusal };

/**
 * One who waits in a circle: with the request `leaseId` for `resource`, which the next one of the circle holds or wants
 * before it. The next one of the last is the first.
 */
export const deadlockLinkSchema = z.object({ work: z.string(), resource: z.string(), leaseId: z.string() });
export type DeadlockLink = z.infer<typeof deadlockLinkSchema>;

/** Why a request never gets its turn. The circle begins with the work whose request was refused. */
export const leaseRefusalSchema = z.object({
  code: z.literal('resource.deadlock'),
  cycle: z.array(deadlockLinkSchema),
});
export type LeaseRefusal = z.infer<typeof leaseRefusalSchema>;
