import type { SequentialParams, Step } from '../../contracts/sequential.js';
import type { MemoryTask } from '../../contracts/memory-tasks.js';
import type { NestedPattern } from '../../contracts/tasks.js';
import { needsCare } from '../lib/careful-work.js';
import { isGated } from '../lib/gated-work.js';
import { isMemory, isNested } from './run-task.js';

/** A step that is one agent call. */
export type CallStep = Exclude<Step, NestedPattern | MemoryTask>;

const LONGEST_STRETCH = 100;

const isPlain = (step: Step): step is CallStep =>
  !isNested(step) && !isMemory(step) && !isGated(step) && !needsCare(step);

/**
 * The steps from `at` on that go out as one: agent calls that need nothing but the output of the one before. A condition
 * is the workflow's to decide, and so is what a nested pattern does; what a person decides is waited for in between.
 */
export function stretchFrom(
  { steps, chain }: Pick<SequentialParams, 'steps' | 'chain'>,
  at: number,
): [Step, ...CallStep[]] {
  let before = steps[at] as Step;
  const stretch: [Step, ...CallStep[]] = [before];
  if (chain === 'full') return stretch;
  for (const step of steps.slice(at + 1, at + LONGEST_STRETCH)) {
    if (!isPlain(before) || !isPlain(step) || before.exitIf !== undefined || step.skipIf !== undefined) break;
    stretch.push(step);
    before = step;
  }
  return stretch;
}
