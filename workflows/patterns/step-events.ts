import type { Step } from '../../contracts/sequential.js';
import type { PatternContext } from '../lib/pattern-context.js';
import type { PatternResult } from '../lib/pattern-result.js';

export const stepStarted = ({ path, where }: PatternContext, { name }: Step) =>
  ({ key: `step/${path}/started`, type: 'step.started', data: { path: where, name } }) as const;

export function stepFinished({ path, where }: PatternContext, { name }: Step, status: PatternResult['status']) {
  const isNamed = status === 'completed' || status === 'partial' || status === 'canceled';
  const outcome = isNamed ? status : 'failed';
  return { key: `step/${path}/finished`, type: 'step.finished', data: { path: where, name, outcome } } as const;
}
