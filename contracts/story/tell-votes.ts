import { listOf, type Loose, namesOf, numberOf, recordOf, textOf } from './loose.js';
import { list, percent, shorten } from './words.js';

const VERDICTS: Record<string, string> = {
  agreed: 'agreed',
  no_consensus: 'no agreement yet',
  no_quorum: 'too few votes to count',
  vetoed: 'vetoed',
};

/** A round of a consensus: who voted for what, who changed its mind, who did not vote. */
export function tellConsensus({ scores, chosen }: Loose): string {
  const { round, votes, agreement, changed, failed, invalid, abstained, vetoedBy, verdict } = recordOf(scores);
  const said = byChoice(recordOf(votes)).map(({ choice, voters }) => `${choice} by ${list(voters)}`);
  const turned = namesOf(changed);
  const silent = [
    [namesOf(failed), 'failed'],
    [namesOf(invalid), 'gave no vote that counts'],
    [namesOf(abstained), 'abstained'],
  ] as const;
  const vetoes = namesOf(vetoedBy);
  const outcome = chosen === null || chosen === undefined ? verdictText(verdict) : `agreed on ${bare(textOf(chosen))}`;
  return [
    `round ${textOf(round)}: ${said.length > 0 ? said.join(', ') : 'no vote'}`,
    turned.length > 0 ? `${list(turned)} changed its vote`.replace(/ and (.*) its vote/, ' and $1 their votes') : '',
    ...silent.map(([names, what]) => (names.length > 0 ? `${list(names)} ${what}` : '')),
    `${outcome}${vetoes.length > 0 ? ` by ${list(vetoes)}` : ''} (${percent(numberOf(agreement) ?? 0)})`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

const verdictText = (verdict: unknown): string => VERDICTS[textOf(verdict)] ?? textOf(verdict);

/** What each vote counts, by feedback on the voters' work. */
export function tellWeights({ candidates, scores }: Loose): string {
  const weights = listOf(scores);
  return `votes count ${list(namesOf(candidates).map((name, place) => `${name} ${textOf(weights[place])}`))}`;
}

/** The votes counted by an aggregator. */
export function tellVote({ rule, scores, chosen }: Loose): string {
  const { agreement, dissenters } = recordOf(scores);
  const against = namesOf(dissenters);
  const won = chosen === null || chosen === undefined ? 'nothing won' : `${bare(textOf(chosen))} won`;
  return `vote (${textOf(rule)}): ${won} with ${percent(numberOf(agreement) ?? 0)}${
    against.length > 0 ? `, against ${list(against)}` : ''
  }`;
}

export const tellTie = ({ rule, candidates, chosen }: Loose): string =>
  `a tie between ${list(listOf(candidates).map((one) => bare(textOf(one))))}, broken by ${textOf(rule)}: ${
    chosen === null || chosen === undefined ? 'nobody' : bare(textOf(chosen))
  }`;

/** The verdict of the checkers on a draft. */
export function tellReview({ scores, chosen }: Loose): string {
  const verdicts = listOf(recordOf(scores).reviews).map((one) => {
    const { by, approve, reason } = recordOf(one);
    if (approve === true) return `${textOf(by)} approves`;
    return `${textOf(by)} ${approve === false ? 'rejects' : 'gives no verdict'}${reason ? `: ${textOf(reason)}` : ''}`;
  });
  return verdicts.length > 0 ? list(verdicts) : `review: ${textOf(chosen)}`;
}

/** A manager's choice of who speaks next, where it gave a reason. */
export function tellSpeaker({ scores, chosen }: Loose): string | undefined {
  const reason = textOf(recordOf(scores).reason);
  if (chosen === null || chosen === undefined) return `the talk ends${reason ? `: ${reason}` : ''}`;
  return reason ? `${textOf(chosen)} is given the word: ${reason}` : undefined;
}

const SHOWN_CHOICES = 5;

function byChoice(votes: Loose): { choice: string; voters: string[] }[] {
  const choices = new Map<string, string[]>();
  for (const [voter, vote] of Object.entries(votes)) {
    const choice = shorten(bare(textOf(vote)), 40);
    choices.set(choice, [...(choices.get(choice) ?? []), voter]);
  }
  return [...choices]
    .map(([choice, voters]) => ({ choice, voters }))
    .toSorted((one, other) => other.voters.length - one.voters.length)
    .slice(0, SHOWN_CHOICES);
}

/** Choices travel as canonical JSON; a text is read without its quotes. */
const bare = (json: string): string => (/^"[^"\\]*"$/.test(json) ? json.slice(1, -1) : json);
