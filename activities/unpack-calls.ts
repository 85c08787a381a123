import type { AgentCall, CallBatch, SharedTerms } from '../contracts/run-workflow.js';

/** The calls of a batch, each with the terms that the batch carries once. */
export function unpackCalls({ terms, calls }: Pick<CallBatch, 'terms' | 'calls'>): AgentCall[] {
  return calls.map(({ terms: place, ...own }) => ({ ...(terms[place] as SharedTerms), ...own }));
}
