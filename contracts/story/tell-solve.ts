import { listOf, type Loose, namesOf, numberOf, recordOf, textOf } from './loose.js';
import { count, list } from './words.js';

const VERDICTS: Record<string, string> = {
  unchanged: 'nobody has anything to add',
  'no improvement': 'it is no better than before',
  over: 'the rounds are over',
  nobody: 'nobody has an answer',
};

/** A round of negotiation: who answered, who changed its answer, and why it was the last. */
export function tellSolveRound({ scores, chosen, candidates }: Loose): string {
  const { round, answered, changed, answers, verdict } = recordOf(scores);
  const turned = namesOf(changed);
  const failed = listOf(answers)
    .map(recordOf)
    .flatMap((one) => (one.failed === undefined ? [] : textOf(one.solver)));
  const said =
    round === 1
      ? `${numberOf(answered) ?? 0} of ${count(listOf(candidates).length, 'solver')} answered`
      : turned.length > 0
        ? `${list(turned)} changed ${turned.length === 1 ? 'its answer' : 'their answers'}`
        : 'no answer changed';
  return [
    `round ${textOf(round)}: ${said}`,
    failed.length > 0 ? `${list(failed)} failed` : '',
    chosen === null || chosen === undefined ? '' : `${textOf(chosen)} leads`,
    VERDICTS[textOf(verdict)] ?? '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** Whose answers are put together, and from which round each is. */
export function tellCompile({ candidates }: Loose): string {
  const sources = listOf(candidates)
    .map(recordOf)
    .map(({ solver, round }) => `${textOf(solver)} (round ${textOf(round)})`);
  return `compiled of the answers of ${list(sources)}`;
}
