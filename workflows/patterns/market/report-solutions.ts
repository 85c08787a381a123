import type { MarketParams } from '../../../contracts/market.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import type { Solution, SolvedRound } from './solutions.js';

/** Why a round is the last, or that it is not. */
export type RoundVerdict = 'on' | 'unchanged' | 'no improvement' | 'over' | 'nobody';

const SHOWN = 100;

/** A round as a decision: who stands by what since when, who changed its answer, who leads. */
export function reportSolutions(
  ctx: PatternContext,
  { maxRounds, score }: MarketParams,
  { round, solvers, changed, failures }: SolvedRound,
  standing: ReadonlyMap<string, Solution>,
  verdict: RoundVerdict,
): void {
  const isLeading = score === undefined ? 'until no answer changes' : `lowest ${score} leads`;
  const answers = solvers.slice(0, SHOWN).map(({ name }) => {
    const solution = standing.get(name);
    const failure = failures.find(({ solver }) => solver === name);
    return {
      solver: name,
      round: solution?.round ?? null,
      ...(solution?.score === undefined ? {} : { score: solution.score }),
      ...(failure === undefined ? {} : { failed: failure.call.error?.message ?? 'no reason given' }),
    };
  });
  ctx.decide({
    what: 'solve round',
    rule: `at most ${maxRounds} rounds, ${isLeading}`,
    candidates: solvers.slice(0, SHOWN).map(({ name }) => name),
    scores: { round, answered: standing.size, changed: changed.slice(0, SHOWN), answers, verdict },
    chosen: leaderOf([...standing.values()]),
  });
}

/** Which answers are compiled, and the round each is of. */
export function reportSources(ctx: PatternContext, sources: readonly Solution[]): void {
  ctx.decide({
    what: 'compile',
    rule: 'the answer that each solver stands by',
    candidates: sources.slice(0, SHOWN).map(({ solver, round }) => ({ solver, round })),
    chosen: leaderOf(sources),
  });
}

/** The solver with the lowest score; null without scores. */
function leaderOf(solutions: readonly Solution[]): string | null {
  const scored = solutions.filter(({ score }) => score !== undefined);
  const [leader] = scored.toSorted((one, other) => (one.score ?? 0) - (other.score ?? 0));
  return leader?.solver ?? null;
}
