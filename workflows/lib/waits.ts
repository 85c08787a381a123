import { CancellationScope, condition } from '@temporalio/workflow';
import type { RunState } from './run-state.js';

/**
 * Writes `run.paused` once the calls in flight have finished and others are held, `run.waiting` once nothing is under
 * way but questions to persons, and `run.resumed` when it goes on. The run's deadline goes on meanwhile.
 */
export function watchWaits(run: RunState): { end(): void } {
  const scope = new CancellationScope();
  // What rejects here is only the end of the run; a flush is repeated until it is durable.
  scope.run(() => watch(run)).catch(() => undefined);
  return { end: () => scope.cancel() };
}

/** One after the other: the run's status is what the last of these events says. */
async function watch(run: RunState): Promise<void> {
  for (;;) {
    await condition(() => run.scheduler.isHeld() || run.isWaiting());
    if (!run.scheduler.isHeld()) await watchWait(run);
    else if (!(await watchPause(run, (run.shown.pauses += 1)))) return;
  }
}

/** Whether the run goes on. */
async function watchPause(run: RunState, pause: number): Promise<boolean> {
  run.events.add(`pause/${pause}`, 'run.paused', {});
  await CancellationScope.nonCancellable(() => run.flush());
  const leftMs = Math.max(1, run.input.deadlineAt - Date.now());
  const wokeUp = await condition(() => !run.scheduler.paused || run.scope.reason !== undefined, leftMs);
  if (!wokeUp) run.scope.stop('deadline');
  if (run.scope.reason !== undefined) return false;
  run.events.add(`resume/${pause}`, 'run.resumed', {});
  await CancellationScope.nonCancellable(() => run.flush());
  return true;
}

/** A decision ends the wait by itself; what else may end it is work that begins beside the question. */
async function watchWait(run: RunState): Promise<void> {
  const { approvals } = run;
  approvals.showWait();
  await CancellationScope.nonCancellable(() => run.flush());
  await condition(() => !approvals.waitIsShown || !run.isWaiting());
  if (!approvals.waitIsShown) return;
  approvals.endWait();
  await CancellationScope.nonCancellable(() => run.flush());
}
