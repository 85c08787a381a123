import type { CallResult, FinishedCall } from '../contracts/run-workflow.js';

/** What the run decides by: the rest of a finished call is in the journal. */
export function callResult(finished: FinishedCall): CallResult {
  const { key, status, output, error, confidence, degraded, usage, queueMs, execMs } = finished;
  return {
    key,
    status,
    ...(output && { output }),
    ...(error && { error }),
    ...(confidence !== undefined && { confidence }),
    ...(degraded && { degraded }),
    ...(usage.costUsd !== undefined && { costUsd: usage.costUsd }),
    queueMs,
    execMs,
  };
}
