import type { CallTarget, CandidateAgent } from '../../contracts/run-workflow.js';
import type { Json } from '../../contracts/json.js';
import type { CallOptions } from '../../contracts/calls.js';
import { inheritOptions } from './call-defaults.js';
import type { CallSpec, PatternContext } from './pattern-context.js';
import { inline, plain } from './values.js';

/** A coordinator is told of so many agents at most. */
const MOST_CANDIDATES = 200;

/**
 * The call, to the agent that the coordinator chose: it is asked to decide, told of the task and of each agent that can
 * do it, and answers `{agentId}`. Nothing to choose from, an answer that names none of them, and one that comes too late
 * leave the choice to expected-completion. The decision is on record.
 */
export async function delegatedCall(ctx: PatternContext, spec: CallSpec, outer: CallOptions): Promise<CallSpec> {
  const { capability, agent, labels, version } = spec.task;
  const { coordinator } = inheritOptions(outer, spec.task);
  const own = { ...spec, task: { ...spec.task, select: 'expected-completion' as const } };
  const candidates = await ctx.candidates(targetOf({ capability, agent, labels, version }), MOST_CANDIDATES);
  if (!coordinator || candidates.length < 2) return own;
  const { withinMs, ...who } = coordinator;
  const answer = await ctx.callOnce({
    key: spec.key === '' ? 'coordinator' : `${spec.key}/coordinator`,
    task: {
      ...who,
      kind: 'decide',
      select: 'expected-completion',
      timeout: { attemptMs: withinMs, totalMs: withinMs },
    },
    input: {
      object: {
        task: inline({ capability: capability ?? null }),
        input: spec.input,
        candidates: inline(candidates.map(told)),
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
  return chosen ? { ...own, task: { ...own.task, capability, agent: chosen.agentId } } : own;
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
