import { BrikkError } from '../../../contracts/errors.js';
import type { AcceptableRun } from '../../../contracts/start-run.js';

/** Which calls a rerun keeps: those of the steps before `fromStep`. Fails `run.step_not_found`. */
export function keptKeys(start: AcceptableRun, fromStep: string): (callKey: string, path: string) => boolean {
  const names = start.pattern === 'sequential' ? start.with.steps.map(({ name }) => name) : [];
  const at = names.indexOf(fromStep);
  if (at < 0)
    throw new BrikkError('run.step_not_found', 'The run has no such step', {
      violations: [{ path: 'fromStep', message: 'is no step of the run', allowed: names }],
    });
  const kept = names.slice(0, at).map((name) => `/steps/${name}`);
  return (_, path) => kept.some((step) => path === step || path.startsWith(`${step}/`));
}
