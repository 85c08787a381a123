import type { CallOptions, CallTimeout, Retry, Select } from '../../contracts/calls.js';

interface CallDefaults {
  select: Select;
  timeout: CallTimeout;
  retry: Retry;
  idempotent: boolean;
}

// The defaults of the contract's schemas, whose values may not enter the bundle; a spec holds them equal.
export const CALL_DEFAULTS: CallDefaults = {
  select: 'expected-completion',
  timeout: { attemptMs: 30_000, totalMs: 300_000 },
  retry: { maxAttempts: 3, initialMs: 100, factor: 2, maxMs: 10_000, jitter: 0.2, nonRetryable: [] },
  idempotent: false,
};

/** The options that `own` says, over those of the pattern around it. */
export function inheritOptions(outer: CallOptions, own: CallOptions): CallOptions {
  const { labels, version, select, timeout, retry, idempotent, hedge, context, needs } = own;
  const { stickyKey, coordinator, region, distribution } = own;
  const choosing = { select, stickyKey, coordinator, region, distribution };
  const said = Object.entries({ labels, version, ...choosing, timeout, retry, idempotent, hedge, context, needs });
  return { ...outer, ...Object.fromEntries(said.filter(([, value]) => value !== undefined)) };
}
