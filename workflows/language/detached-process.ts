import { proxyActivities } from '@temporalio/workflow';
import type { LanguageActivities, ProcessCall } from '../../contracts/language-activities.js';
import { httpCallOptions } from '../lib/activity-options.js';

/** So long after its start another worker repeats what a dead one had under way. */
const PATIENCE_MS = 3_600_000;

/** Sees a process to its end that no run waits for. What came of it is on the run's record, unless that has ended before. */
export async function runDetached(call: ProcessCall): Promise<void> {
  const { runProcess } = proxyActivities<LanguageActivities>(httpCallOptions(call.timeoutMs, PATIENCE_MS));
  await runProcess(call);
}
