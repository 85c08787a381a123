import { setTimeout as delay } from 'node:timers/promises';

/** One signal and the time it is given to work before the next one is sent. */
export interface StopStep {
  signal: NodeJS.Signals;
  waitMs: number;
}

/** Sends the signals one after the other until the process is gone; resolves at once when it already is. */
export async function stopProcess(pid: number, steps: readonly StopStep[]): Promise<void> {
  for (const { signal, waitMs } of steps) {
    if (!sendSignal(pid, signal)) return;
    if (await isGoneWithin(pid, waitMs)) return;
  }
}

/** False when there is no such process. A process of another user counts as alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** False when the process no longer exists or belongs to someone else. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

export async function isGoneWithin(pid: number, waitMs: number): Promise<boolean> {
  const end = performance.now() + waitMs;
  while (isAlive(pid)) {
    if (performance.now() > end) return false;
    await delay(20);
  }
  return true;
}
