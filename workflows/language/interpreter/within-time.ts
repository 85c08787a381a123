import { CancellationScope, sleep } from '@temporalio/workflow';
import type { Timeout } from '../../../contracts/definition-parts.js';
import { fault, Halt } from './fault.js';
import type { Interpretation } from './interpretation.js';
import type { Place } from './place.js';

/** Work that is given up after `ms` and then fails with a timeout error; what it had finished by then stands. */
export async function withinTime<T>(place: Place, ms: number, work: (inner: Place) => Promise<T>): Promise<T> {
  const scope = place.ctx.newScope();
  const timer = new CancellationScope();
  let isOver = false;
  const watch = timer.run(async () => {
    await sleep(Math.max(1, ms));
    isOver = true;
    scope.stop('lost');
  });
  watch.catch(() => undefined); // Only the end of the work cancels this timer.
  try {
    return await work({ ...place, ctx: place.ctx.branch(scope, false) });
  } catch (error) {
    if (!isOver || !(error instanceof Halt) || place.ctx.stopped !== undefined) throw error;
    throw fault('timeout', place.pointer, { detail: `it took longer than ${ms} ms` });
  } finally {
    timer.cancel();
  }
}

/** A timeout in place, or the one that `use.timeouts` has under this name. */
export function timeoutOf(run: Interpretation, place: Place, timeout: Timeout | string): Timeout {
  if (typeof timeout !== 'string') return timeout;
  const found = run.definition.use?.timeouts?.[timeout];
  if (found) return found;
  throw fault('configuration', place.pointer, { detail: `there is no timeout ${timeout} in use.timeouts` });
}
