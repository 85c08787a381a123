import { BrikkError } from '../contracts/errors.js';
import type { CallTarget } from '../contracts/run-workflow.js';

export const tooLate = (ms: number): BrikkError => new BrikkError('agent.timeout', `No agent answered within ${ms} ms`);

/** Of an answer that was to come later and did not come in the call's time. */
export const lateAnswer = ({ sentAt, endAt }: { sentAt: number; endAt: number }): BrikkError =>
  new BrikkError('agent.timeout', `The agent did not answer within ${endAt - sentAt} ms`);

/** Where a call does not wait. */
export const nobodyFree = ({ capability, agent }: CallTarget): BrikkError =>
  new BrikkError(
    'agent.unavailable',
    `No agent is free now for ${capability ?? `agent ${agent}`}, and the call does not wait`,
  );

export function nobodyToCall({ capability, agent }: CallTarget, failure: BrikkError | undefined): BrikkError {
  const whom = capability === undefined ? `agent ${agent}` : `an agent with capability ${capability}`;
  const since = failure ? `: ${failure.message}` : '';
  return new BrikkError('agent.unavailable', `There is nobody to call for ${whom}${since}`);
}
