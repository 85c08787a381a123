import type { MarketParams } from '../../../contracts/market.js';
import type { CallResult, CandidateAgent } from '../../../contracts/run-workflow.js';
import type { Value } from '../../../contracts/values.js';
import { ExpressionError } from '../../lib/expression-error.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { inline, plain } from '../../lib/values.js';
import { canonical } from '../canonical.js';

export interface Solver extends CandidateAgent {
  /** Unique: its agent's name, or id where several have the same. */
  name: string;
}

/** The answer that a solver stands by, and the round it gave it in. */
export interface Solution {
  solver: string;
  round: number;
  answer: Value;
  /** The lowest is best; undefined without a `score`, or where it gives no number. */
  score: number | undefined;
  confidence: number | undefined;
}

/** What a round changed. */
export interface SolvedRound {
  round: number;
  solvers: Solver[];
  changed: string[];
  failures: { solver: string; call: CallResult }[];
}

/** As the others and the aggregator hear of it. */
export function told({ solver, round, answer, score, confidence }: Solution): Value {
  const facts = Object.entries({ solver, round, score, confidence });
  const said = facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, inline(value)] as const]));
  return { object: { ...Object.fromEntries(said), answer } };
}

/** Whether a solver now stands by something else: a new answer, unless it scores no better than the one before. */
export function isChange(before: Solution | undefined, now: Solution): boolean {
  if (before === undefined) return true;
  if (before.score !== undefined && (now.score === undefined || now.score >= before.score)) return false;
  return textOf(before.answer) !== textOf(now.answer);
}

/** Equal for equal values; large ones are compared by where they are stored. */
function textOf(value: Value): string {
  const json = plain(value);
  return json === undefined ? JSON.stringify(value) : canonical(json);
}

/** What the answer scores by `score`, jq over the solver's facts with its `answer`; the lowest is best. */
export async function scoreOf(
  ctx: PatternContext,
  { score: expression }: Pick<MarketParams, 'score'>,
  answer: Value,
  confidence: number | undefined,
  solver: CandidateAgent,
): Promise<number | undefined> {
  if (expression === undefined) return undefined;
  const facts = Object.entries({ ...solver, confidence: confidence ?? null }).map(
    ([name, value]) => [name, inline(value)] as const,
  );
  try {
    const score = plain(await ctx.evaluate(expression, { object: { ...Object.fromEntries(facts), answer } }, {}));
    return typeof score === 'number' && Number.isFinite(score) ? score : undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
