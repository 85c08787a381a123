import type { Json } from './json.js';
import type { PatternName, PatternParams } from './patterns.js';
import type { RunRef } from './run-workflow.js';

/** What only runs of definitions ask for. */
export interface LanguageActivities {
  /** Local: a function's `with` as its pattern takes it, with durations read and defaults filled in. */
  readParams(
    request: RunRef & { function: PatternName; with: Json },
  ): Promise<{ params: PatternParams[PatternName] } | { errors: string[] }>;
}
