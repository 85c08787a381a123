import type { ApprovalTerms } from '../../contracts/approvals.js';
import type { ConsensusParams } from '../../contracts/consensus.js';
import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { inline, plain } from '../lib/values.js';
import { canonical } from './canonical.js';
import { type BallotCount, surest } from './count-ballots.js';
import type { Ballot } from './read-ballot.js';

/**
 * The leader that the tie-break picks; undefined without a tie or a tie-break. An agent or a person is asked to decide
 * between them; an answer that is none of them is worth nothing.
 */
export async function breakTie(
  ctx: PatternContext,
  { tieBreak }: ConsensusParams,
  { ballots, count: { leaders } }: { ballots: Ballot[]; count: BallotCount },
  input: Value,
  valueOf: (choice: string) => Json,
): Promise<string | undefined> {
  if (tieBreak === undefined || leaders.length < 2) return undefined;
  const candidates = leaders.map(valueOf);
  const [chosen, rule] =
    typeof tieBreak === 'string'
      ? [tieBreak === 'first' ? leaders[0] : surest(ballots, leaders), `tie broken by ${tieBreak}`]
      : 'agent' in tieBreak
        ? [await askAgent(ctx, tieBreak.agent, leaders, candidates, input), `tie broken by the agent ${tieBreak.agent}`]
        : [await askPersons(ctx, tieBreak.approval, leaders, candidates, input), 'tie broken by a person'];
  ctx.decide({ what: 'tie', rule, candidates, chosen: chosen === undefined ? null : valueOf(chosen) });
  return chosen;
}

async function askAgent(
  ctx: PatternContext,
  agent: string,
  leaders: string[],
  candidates: Json[],
  input: Value,
): Promise<string | undefined> {
  const { status, output } = await ctx.callAgent({
    key: 'tie',
    task: { kind: 'decide', agent },
    input: { object: { input, candidates: inline(candidates) } },
    role: 'tie-breaker',
  });
  return status === 'completed' && output ? among(leaders, output) : undefined;
}

async function askPersons(
  ctx: PatternContext,
  terms: ApprovalTerms,
  leaders: string[],
  candidates: Json[],
  input: Value,
): Promise<string | undefined> {
  const subject: Value = { object: { input, candidates: inline(candidates) } };
  const ruling = await ctx.askPerson(terms, { kind: 'tie', subject });
  return ruling.kind === 'answered' ? among(leaders, ruling.data) : undefined;
}

function among(leaders: string[], answer: Value): string | undefined {
  const decision = plain(answer);
  return decision === undefined ? undefined : leaders.find((choice) => choice === canonical(decision));
}
