import type { AgentCall, CallBatch, SharedTerms } from '../contracts/run-workflow.js';

/** The calls of a batch, each with the terms that the batch carries once. */
export function unpackCalls({ terms, calls }: Pick<CallBatch, 'terms' | 'calls'>): AgentCall[] {
  return calls.map(({ terms: place, key, path, input, context, role, round, pending, following }) => ({
    key,
    path,
    input,
    ...(context === undefined ? {} : { context }),
    ...(role === undefined ? {} : { role }),
    ...(round === undefined ? {} : { round }),
    ...(pending && { pending }),
    ...(following === undefined
      ? {}
      : { following: following.map(({ terms: shared, ...call }) => ({ ...call, ...(terms[shared] as SharedTerms) })) }),
    ...(terms[place] as SharedTerms),
  }));
}
