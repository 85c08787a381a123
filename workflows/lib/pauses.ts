import { CancellationScope, condition } from '@temporalio/workflow';
import type { RunState } from './run-state.js';

/**
 * Writes `run.paused` once the calls in flight have finished and others are held, and `run.resumed` when they go on.
 * The run's deadline goes on meanwhile.
 */
export function watchPauses(run: RunState): { end(): void } {
  const scope = new CancellationScope();
  // What rejects here is only the end of the run; a flush is repeated until it is durable.
  scope.run(() => watch(run)).catch(() => undefined);
  return { end: () => scope.cancel() };
}

async function watch(run: RunState): Promise<void> {
  for (let pause = 1; ; pause += 1) {
    await condition(() => run.scheduler.isHeld());
    run.events.add(`pause/${pause}`, 'run.paused', {});
    await CancellationScope.nonCancellable(() => run.flush());
    const leftMs = Math.max(1, run.input.deadlineAt - Date.now());
    const wokeUp = await condition(() => !run.scheduler.paused || run.scope.reason !== undefined, leftMs);
    if (!wokeUp) run.scope.stop('deadline');
    if (run.scope.reason !== undefined) return;
    run.events.add(`resume/${pause}`, 'run.resumed', {});
    await CancellationScope.nonCancellable(() => run.flush());
  }
}
