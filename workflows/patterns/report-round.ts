import type { ConsensusParams } from '../../contracts/consensus.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canonical } from './canonical.js';
import { support } from './count-ballots.js';
import { type JudgedRound, quorumOf, valueOf } from './judge-round.js';

const SHOWN = 100;
const SHOWN_CHARACTERS = 200;

/** The round as a decision: votes, totals, agreement, who changed, who did not vote and why. */
export function reportRound(ctx: PatternContext, params: ConsensusParams, judged: JudgedRound): void {
  const { round, ballots, count, verdict, changed, vetoedBy, abstained, invalid, failed } = judged;
  const [leader] = count.leaders;
  const show = (choice: string) => shorten(canonical(valueOf(params, judged, choice)));
  ctx.decide({
    what: 'consensus round',
    rule: ruleName(params),
    candidates: [...count.scores.keys()].slice(0, SHOWN).map(show),
    scores: {
      round,
      votes: Object.fromEntries(ballots.map(({ voter, vote }) => [voter, shorten(canonical(vote))])),
      totals: Object.fromEntries([...count.scores].slice(0, SHOWN).map(([choice, score]) => [show(choice), score])),
      agreement: leader === undefined ? 0 : support(params.method, ballots, leader),
      quorum: quorumOf(params),
      changed,
      abstained,
      invalid,
      failed: failed.map(({ voter }) => voter),
      vetoedBy,
      verdict,
    },
    chosen: verdict === 'agreed' && leader !== undefined ? show(leader) : null,
  });
}

/** What a reader should know of voters that did not count. */
export function lostVotes({ round, failed, invalid }: JudgedRound): string[] {
  return [
    ...failed.map(
      ({ voter, call }) => `${voter} failed in round ${round}: ${call.error?.message ?? 'no reason given'}`,
    ),
    ...invalid.map((voter) => `${voter} gave a vote that cannot be counted in round ${round}`),
  ];
}

/** The rule as decisions name it. */
export const ruleName = ({ method, rounds }: ConsensusParams): string =>
  `${typeof method === 'string' ? method : `score of at least ${method.score}`}, at most ${rounds} rounds`;

const shorten = (text: string): string =>
  text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
