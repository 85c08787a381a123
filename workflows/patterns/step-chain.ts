import type { Step } from '../../contracts/sequential.js';
import type { Value } from '../../contracts/values.js';
import type { PatternResult } from '../lib/pattern-result.js';
import { define } from '../lib/values.js';

/** What the steps so far have left behind. */
export interface Chain {
  mode: 'last' | 'full';
  /** The pattern's own input. */
  input: Value;
  done: { step: Step; output: Value }[];
  /** Done as well, but refused by a person: only an undo has to know. */
  refused: { step: Step; output: Value }[];
  gaps: number;
  degraded: boolean;
  warnings: string[];
}

export function startChain(mode: Chain['mode'], input: Value): Chain {
  return { mode, input, done: [], refused: [], gaps: 0, degraded: false, warnings: [] };
}

/** The data of the next step: the pattern's input before any step is done; then the last output, or all by step name. */
export function chainData(chain: Chain): Value {
  return chain.done.length === 0 ? chain.input : chainOutput(chain);
}

/** The output so far: null, or no names, before any step is done. */
export function chainOutput({ mode, done }: Chain): Value {
  if (mode === 'last') return done.at(-1)?.output ?? { inline: null };
  const outputs: Record<string, Value> = {};
  for (const { step, output } of done) define(outputs, step.name, output);
  return { object: outputs };
}

export function stepDone(chain: Chain, step: Step, { status, output, warnings, degraded }: PatternResult): void {
  chain.done.push({ step, output });
  chain.warnings.push(...warnings.map((warning) => `step ${step.name}: ${warning}`));
  chain.degraded ||= degraded;
  if (status === 'partial') chain.gaps += 1;
}

export function stepLost(
  chain: Chain,
  step: Step,
  { error, terminationReason, warnings, refused }: PatternResult,
): void {
  if (refused) chain.refused.push({ step, output: refused });
  chain.gaps += 1;
  chain.warnings.push(
    `step ${step.name} failed: ${error?.message ?? terminationReason}`,
    ...warnings.map((warning) => `step ${step.name}: ${warning}`),
  );
}
