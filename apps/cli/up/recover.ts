import { setTimeout as delay } from 'node:timers/promises';
import { stillRuns } from './process-identity.js';
import { readState, removeState } from './state-file.js';
import { sendSignal } from './stop-process.js';

const GRACE_MS = 4_000;
const LIMIT_MS = 8_000;

/**
 * After a killed supervisor its children end by themselves; their ports are free only when they are gone. Waits for
 * that, and ends those that hang. Returns how many were still there.
 */
export async function recoverFromCrash(home: string): Promise<number> {
  const left = () => (readState(home)?.processes ?? []).filter(stillRuns);
  const found = left().length;
  const startedAt = performance.now();
  while (left().length > 0) {
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > LIMIT_MS) break;
    if (waitedMs > GRACE_MS) for (const { pid } of left()) sendSignal(pid, 'SIGKILL');
    await delay(50);
  }
  removeState(home);
  return found;
}
