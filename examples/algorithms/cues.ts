import { splitSentences } from './words.js';

/** Words that open a sentence about what was or will be done against it (English and German). */
const MEASURES =
  /\b(next steps?|should|must|from now on|fix(?:ed)?|corrected|promoted|limited|(?:was|were) stopped|closed|blocked|refunds?|rolled back|rolling back|restart(?:ed)?|alert|gelöscht|überwacht|bestellt|neustart|maßnahme)\b/giu;

/** Words that name a cause; what follows some of them is the cause, what precedes others is. */
const CAUSES =
  /\b(because|causes|caused by|found that|due to|root cause|did not start because|still pointed to|removed the|was removed|was not switched off|stellte fest|weil|wegen|verursacht)\b/giu;

export interface CuedSentence {
  text: string;
  position: number;
  /** How many cues it holds. */
  cues: number;
}

/** Sentences that say what was or will be done, in text order. */
export const findMeasures = (text: string): CuedSentence[] => sentencesWith(MEASURES, text);

/** Sentences that say why it happened, those with most cues first; ties go to the earlier one. */
export const findCauses = (text: string): CuedSentence[] =>
  sentencesWith(CAUSES, text).toSorted((one, other) => other.cues - one.cues || one.position - other.position);

/** One's own findings with what at least two others have found and one has missed; the others' order. */
export function adopt(own: readonly string[], others: readonly (readonly string[])[]): string[] {
  const missed = [...new Set(others.flat())].filter((one) => !own.includes(one));
  const isShared = (one: string) => others.filter((found) => found.includes(one)).length >= 2;
  return [...own, ...missed.filter(isShared)];
}

function sentencesWith(cues: RegExp, text: string): CuedSentence[] {
  return splitSentences(text).flatMap((sentence, position) => {
    const found = sentence.match(cues)?.length ?? 0;
    return found === 0 ? [] : [{ text: sentence, position, cues: found }];
  });
}
