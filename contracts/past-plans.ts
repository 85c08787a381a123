import type { Json } from './json.js';
import type { RunStatus, TerminationReason } from './runs.js';
import type { Usage } from './usage.js';

/** What became of a plan with a similar goal, as a planner is told of it. */
export interface PastPlan {
  goal: string;
  status: RunStatus;
  reason: TerminationReason;
  /** Of its last version: `{id, capability, dependsOn}`. */
  tasks: Json;
  /** How often it was planned anew. */
  revisions: number;
  usage: Usage;
  /** 0 to 1, the mean of what callers think of the run; null when nobody said. */
  score: number | null;
}
