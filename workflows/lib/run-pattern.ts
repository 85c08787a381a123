import {
  CancellationScope,
  defineSignal,
  log,
  proxyLocalActivities,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { RunKind } from '../../contracts/patterns.js';
import type { RunSignals } from '../../contracts/run-signals.js';
import type { RunActivities, RunInput } from '../../contracts/run-workflow.js';
import type { RunParams } from '../../contracts/workflow-run.js';
import type { TerminalStatus } from '../../contracts/runs.js';
import { FINISH_RUN } from './activity-options.js';
import type { BudgetPlace } from './budget-place.js';
import { GoingOn, goOn } from './going-on.js';
import { ExpressionError } from './expression-error.js';
import { PatternContext, type Pattern, type Patterns } from './pattern-context.js';
import { afterRefusal, failed, type PatternResult } from './pattern-result.js';
import { RunState } from './run-state.js';
import { NULL } from './values.js';
import { watchWaits } from './waits.js';

const ROOT = { path: '', options: {}, variables: {}, early: false, shielded: false, depth: 0, pattern: '' };

export const signal = <Name extends keyof RunSignals>(name: Name) => defineSignal<RunSignals[Name], Name>(name);

/**
 * The workflow around a pattern: steering, the run's end, and nothing else. A canceled run still undoes and still writes
 * its end; whatever nobody planned ends the run `failed` with reason `internal` instead of blocking it.
 */
export async function runPattern<Name extends RunKind>(
  input: RunInput<Name>,
  pattern: Pattern<RunParams[Name]>,
  patterns: Patterns,
): Promise<TerminalStatus> {
  const run = new RunState(input, patterns);
  run.events.add('run/started', 'run.started', { resumed: input.resumed });
  takeSteering(run);

  return CancellationScope.nonCancellable(async () => {
    const waits = watchWaits(run);
    const ctx = rootContext(run);
    const ended = await ctx
      .within(input.budget, (inner) => pattern(inner, input.with, input.input))
      .catch(unlessGoingOn);
    if (ended instanceof GoingOn) return goOn(run, ended.carried);
    const end = stoppedEnd(run, afterRefusal(ended));
    run.scope.stop('lost');
    waits.end();
    await finish(run, end);
    return end.status;
  });
}

/** Pause, resume and cancel reach the run's calls, a person's decision the question, signals whoever listens. */
export function takeSteering(run: RunState): void {
  setHandler(signal('pause'), () => void (run.scheduler.paused = true));
  setHandler(signal('resume'), () => {
    run.scheduler.paused = false;
    run.scheduler.dispatchSoon();
  });
  setHandler(signal('signal'), (told) => {
    run.inbox.receive(told);
    run.eventInbox.receive(told, Date.now());
  });
  setHandler(signal('events'), (events) => run.eventInbox.receiveNumbered(events));
  setHandler(signal('approval'), (verdict) => run.approvals.settle(verdict));
  setHandler(signal('answer'), ({ key }) => run.scheduler.waits.notice(key));
  CancellationScope.current().cancelRequested.catch(() => run.scope.stop('canceled'));
}

export const rootContext = (run: RunState, budget?: BudgetPlace): PatternContext =>
  new PatternContext(run, { ...ROOT, given: run.input.input, scope: budget?.scope ?? run.scope, budget });

const unlessGoingOn = (error: unknown): PatternResult | GoingOn =>
  error instanceof GoingOn ? error : unplanned(error);

/** What a pattern came to that threw. */
export function unplanned(error: unknown): PatternResult {
  if (error instanceof ExpressionError) {
    const { message, path } = error;
    return failed('invalid_expression', NULL, { code: 'expression.failed', message, path });
  }
  log.error('a pattern ended with an error that nobody planned', { error });
  return failed('internal', NULL, { code: 'internal', message: 'an internal error ended the run' });
}

/** A canceled or overdue run keeps its best output; one that had completed before stays completed. */
export function stoppedEnd({ scope }: RunState, end: PatternResult): PatternResult {
  if (scope.reason === undefined || end.status === 'completed') return end;
  if (scope.reason === 'canceled')
    return { ...end, status: 'canceled', terminationReason: 'canceled', error: undefined };
  const error = { code: 'agent.timeout', message: 'the deadline of the run passed' };
  return { ...end, status: 'timed_out', terminationReason: 'deadline', error };
}

export async function finish(run: RunState, end: PatternResult): Promise<void> {
  const { orgId, runId } = run.input;
  const { status, terminationReason, rounds, warnings, error, output } = end;
  const degraded = end.degraded || run.isDegraded;
  await run.flushed();
  const { withdrawn } = run.scheduler;
  if (withdrawn) await withdrawn;
  const events = run.events.take();
  const { finishRun } = proxyLocalActivities<RunActivities>(FINISH_RUN);
  await finishRun({ orgId, runId, status, terminationReason, degraded, rounds, warnings, error, output, events });
  upsertSearchAttributes({ BrikkStatus: [status] });
}
