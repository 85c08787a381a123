import type { RequestKind } from '../../contracts/agent-protocol.js';
import type { CallBudget } from '../../contracts/budget.js';
import type { AgentTask, CallOptions } from '../../contracts/calls.js';
import type { SharedTerms } from '../../contracts/run-workflow.js';
import { CALL_DEFAULTS, inheritOptions } from './call-defaults.js';
import { utf8Length } from './utf8.js';

/** Whom a call goes to and how; it asks for the task to be done unless it says another kind. */
export type CallTask = Omit<AgentTask, 'input'> & { kind?: RequestKind; patienceMs?: number };

/** What the calls of one task have in common. */
export interface CallShape {
  terms: SharedTerms;
  /** What they take once in a batch, with the wrapping of an input. */
  bytes: number;
}

/** The shape of `task` below `outer` and under `budget`; counted once for the thousands of calls that may have it. */
export function callShape(outer: CallOptions, task: CallTask, budget?: CallBudget): CallShape {
  const options = inheritOptions(outer, task);
  const { kind, capability, agent, outputSchema, patienceMs } = task;
  const { labels, version } = options;
  const target = Object.entries({ capability, agent, labels, version }).filter(([, value]) => value !== undefined);
  const terms: SharedTerms = {
    ...(kind === undefined ? {} : { kind }),
    target: Object.fromEntries(target),
    select: options.select ?? CALL_DEFAULTS.select,
    ...(options.stickyKey === undefined ? {} : { stickyKey: options.stickyKey }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    timeout: options.timeout ?? CALL_DEFAULTS.timeout,
    retry: options.retry ?? CALL_DEFAULTS.retry,
    idempotent: options.idempotent ?? CALL_DEFAULTS.idempotent,
    ...(patienceMs === undefined ? {} : { patienceMs }),
    ...(options.hedge === undefined ? {} : { hedge: options.hedge }),
    // Bids, plans and decisions are asked of whoever may do the work later.
    ...(kind === undefined && needsSomething(options.needs) ? { needs: options.needs } : {}),
    ...(kind === undefined && options.distribution ? { distribution: options.distribution } : {}),
    ...(budget === undefined ? {} : { budget }),
  };
  return { terms, bytes: utf8Length(JSON.stringify({ ...terms, input: { inline: 0 } })) };
}

const needsSomething = (needs: CallOptions['needs']) => needs !== undefined && Object.keys(needs).length > 0;
