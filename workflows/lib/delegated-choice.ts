import type { CallResult, CallTarget, CandidateAgent } from '../../contracts/run-workflow.js';
import type { Json } from '../../contracts/json.js';
import type { CallOptions } from '../../contracts/calls.js';
import { CALL_DEFAULTS, inheritOptions } from './call-defaults.js';
import type { CallSpec, PatternContext } from './pattern-context.js';
import { inline, plain } from './values.js';

/** A coordinator is told of so many agents at most. */
const MOST_CANDIDATES = 200;

/** What says nothing about the agent that was chosen, or is for a person to say. */
const FINAL: ReadonlySet<string> = new Set(['agent.budget', 'agent.canceled', 'agent.input_required', 'agent.pending']);

interface Failure {
  agentId: string;
  reason: string;
}

/**
 * A call to the agent that the coordinator chooses: it is asked to decide, told of the task and of each agent that can
 * do it, and answers `{agentId}`. Nothing to choose from, an answer that names none of them, and one that comes too late
 * leave the choice to expected-completion. A choice that fails is made again among the others, as often as the call may
 * be retried. Each decision is on record.
 */
export async function delegatedCall(ctx: PatternContext, spec: CallSpec, outer: CallOptions): Promise<CallResult> {
  const options = inheritOptions(outer, spec.task);
  const { retry = CALL_DEFAULTS.retry, timeout = CALL_DEFAULTS.timeout } = options;
  const endsAt = Date.now() + timeout.totalMs;
  const failures: Failure[] = [];
  let outcome: CallResult | undefined;
  for (;;) {
    const totalMs = Math.max(1, outcome ? endsAt - Date.now() : timeout.totalMs);
    const task = {
      ...spec.task,
      select: 'expected-completion' as const,
      ...(outcome && { timeout: { ...timeout, totalMs } }),
    };
    const key = [spec.key, ...(outcome ? ['choices', failures.length + 1] : [])]
      .filter((part) => part !== '')
      .join('/');
    const chosen = await choose(ctx, { ...spec, task, key }, options.coordinator, failures);
    if (chosen === 'nobody' && outcome) return outcome;
    const target = typeof chosen === 'object' ? { capability: task.capability, agent: chosen.agentId } : {};
    outcome = await ctx.callChosen({ ...spec, key, task: { ...task, ...target } });
    const { status, error } = outcome;
    const isOver = status !== 'failed' || !error || FINAL.has(error.code) || retry.nonRetryable.includes(error.code);
    if (isOver || typeof chosen !== 'object' || Date.now() >= endsAt) return outcome;
    failures.push({ agentId: chosen.agentId, reason: error.message });
    if (failures.length >= retry.maxAttempts) return outcome;
  }
}

/** `anybody`: as expected-completion says; `nobody`: all have failed. */
async function choose(
  ctx: PatternContext,
  { key, task, input }: CallSpec,
  coordinator: CallOptions['coordinator'],
  failures: readonly Failure[],
): Promise<CandidateAgent | 'anybody' | 'nobody'> {
  const { capability, agent, labels, version } = task;
  const all = await ctx.candidates(targetOf({ capability, agent, labels, version }), MOST_CANDIDATES);
  const candidates = all.filter(({ agentId }) => failures.every((failure) => failure.agentId !== agentId));
  const [first] = candidates;
  if (first === undefined) return 'nobody';
  if (!coordinator || candidates.length < 2) return failures.length > 0 ? first : 'anybody';
  const { withinMs, ...who } = coordinator;
  const answer = await ctx.callOnce({
    key: key === '' ? 'coordinator' : `${key}/coordinator`,
    task: {
      ...who,
      kind: 'decide',
      select: 'expected-completion',
      timeout: { attemptMs: withinMs, totalMs: withinMs },
    },
    input: {
      object: {
        task: inline({ capability: capability ?? null }),
        input,
        candidates: inline(candidates.map(told)),
        ...(failures.length > 0 && { failed: inline(failures.map((failure) => ({ ...failure }))) }),
      },
    },
    role: 'coordinator',
  });
  const decided = answer.status === 'completed' && answer.output ? plain(answer.output) : undefined;
  const chosen = candidates.find(({ agentId }) => agentId === agentIdIn(decided));
  ctx.decide({
    what: 'agent',
    rule: chosen ? 'delegated' : `expected-completion: ${whyNot(answer.status, answer.error?.message)}`,
    candidates: candidates.map(({ agentId }) => agentId),
    chosen: chosen?.agentId ?? null,
  });
  return chosen ?? 'anybody';
}

const whyNot = (status: string, message: string | undefined): string =>
  status === 'completed' ? 'the coordinator named none of the candidates' : `no choice: ${message ?? status}`;

function agentIdIn(decided: Json | undefined): Json | undefined {
  if (typeof decided === 'string') return decided;
  return decided && typeof decided === 'object' && !Array.isArray(decided) ? decided['agentId'] : undefined;
}

const targetOf = (target: CallTarget): CallTarget =>
  Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));

const told = ({ agentId, agent, version, labels, ...record }: CandidateAgent): Json => ({
  agentId,
  agent,
  version,
  labels,
  ...record,
});
