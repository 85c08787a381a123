import type { FinishedCall } from './run-workflow.js';

/** A call that is sent once with all that are equal to it and come within its window. */
export interface ConsolidatedRequest {
  runId: string;
  callKey: string;
  /** Of what makes calls equal: target, input, context and the schema of the output. */
  fingerprint: string;
  windowMs: number;
}

/** It is sent, or another one is; `answer`: how that one ended. */
export type ConsolidatedStanding = { leads: true } | { leads: false; waitedMs: number; answer?: FinishedCall };
