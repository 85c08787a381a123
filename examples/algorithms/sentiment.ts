import { splitWords } from './words.js';

export interface Sentiment {
  label: 'positive' | 'neutral' | 'negative';
  /** From -1 to 1. */
  score: number;
  hits: { word: string; valence: number }[];
}

const VALENCE: ReadonlyMap<string, number> = lexicon({
  3: 'excellent outstanding perfect superb amazing love fantastic brilliant wonderful',
  2: 'good great happy pleased reliable fast helpful success successful resolved fixed stable thanks thank recovered easy smooth improved excellent impressed',
  1: 'ok fine better clear calm quick ready restored working healthy safe useful works normal',
  [-1]: 'slow late delay delayed unclear missing warning retry degraded confusing minor issue issues error errors stuck',
  [-2]: 'bad angry broken fail failed fails failing failure failures lost wrong unhappy problem problems timeout timeouts crash crashed unavailable complaint complaints blocked refused worse poor',
  [-3]: 'terrible awful outage disaster catastrophic breach leaked furious unacceptable corrupted horrible worst critical stolen hate',
});
const NEGATIONS = new Set(['not', 'no', 'never', 'without', "isn't", "wasn't", "don't", "didn't", "doesn't", "can't"]);
const BOOSTERS: ReadonlyMap<string, number> = new Map([
  ...['very', 'extremely', 'really', 'completely', 'totally'].map((word) => [word, 1.5] as const),
  ...['slightly', 'somewhat', 'partly'].map((word) => [word, 0.5] as const),
]);
const NEGATION_REACH = 3;
const NEGATED = -0.74;
const NORMALISER = 15;

/**
 * Sentiment by lexicon: valences of words, turned by a negation up to three words before and scaled by an intensifier
 * just before, summed and normalised as s / √(s² + 15) (C. Hutto, E. Gilbert, "VADER", ICWSM 2014). English.
 */
export function scoreSentiment(text: string): Sentiment {
  const words = splitWords(text.replaceAll('’', "'"));
  const hits = words.flatMap((word, index) => {
    const valence = VALENCE.get(word);
    if (valence === undefined) return [];
    const negated = words.slice(Math.max(0, index - NEGATION_REACH), index).some((before) => NEGATIONS.has(before));
    const boost = BOOSTERS.get(words[index - 1] ?? '') ?? 1;
    return [{ word, valence: valence * boost * (negated ? NEGATED : 1) }];
  });
  const sum = hits.reduce((total, { valence }) => total + valence, 0);
  const score = Math.round((sum / Math.sqrt(sum * sum + NORMALISER)) * 1e4) / 1e4;
  return { label: score >= 0.05 ? 'positive' : score <= -0.05 ? 'negative' : 'neutral', score, hits };
}

function lexicon(byValence: Record<number, string>): Map<string, number> {
  return new Map(
    Object.entries(byValence).flatMap(([valence, words]) => words.split(' ').map((word) => [word, Number(valence)])),
  );
}
