import type { ConsensusParams } from '../../contracts/consensus.js';
import type { PatternContext } from '../lib/pattern-context.js';
import type { Voter } from './vote-round.js';

/** Of a voter on whom there is no feedback: as good as a coin. */
const UNKNOWN = 0.5;
/** Who was always wrong still has a voice. */
const LEAST = 0.01;

/** The voters with what each vote counts: as declared, 1 unless said, or by how good their work was against feedback. */
export async function weighVoters(
  ctx: PatternContext,
  { weights = {} }: ConsensusParams,
  voters: Voter[],
): Promise<Voter[]> {
  if (weights !== 'measured')
    return voters.map((voter) => ({ ...voter, weight: Object.hasOwn(weights, voter.name) ? weights[voter.name]! : 1 }));
  const weighed = await Promise.all(
    voters.map(async (voter) => ({ ...voter, weight: weightOf(await reputationOf(ctx, voter)) })),
  );
  ctx.decide({
    what: 'weights',
    rule: `measured: mean of feedback, ${UNKNOWN} without any`,
    candidates: weighed.map(({ name }) => name),
    scores: weighed.map(({ weight }) => weight),
  });
  return weighed;
}

const weightOf = (reputation: number | null): number => Math.max(LEAST, reputation ?? UNKNOWN);

/** A voter that was found by its capability brings its reputation along. */
async function reputationOf(ctx: PatternContext, { reputation, name }: Voter): Promise<number | null> {
  if (reputation !== undefined) return reputation;
  const [found] = await ctx.candidates({ agent: name }, 1);
  return found?.reputation ?? null;
}
