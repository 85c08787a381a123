import { splitWords, STOP_WORDS } from './words.js';

export interface Keyword {
  phrase: string;
  score: number;
  count: number;
}

const MAX_WORDS = 4;

/**
 * Key phrases, best first: runs of words between stop words and punctuation, each word weighing degree over frequency
 * (S. Rose et al., "Automatic Keyword Extraction from Individual Documents", 2010). Ties in alphabetical order.
 */
export function extractKeywords(text: string, limit = 8): Keyword[] {
  const phrases = candidatePhrases(text);
  const frequency = new Map<string, number>();
  const degree = new Map<string, number>();
  for (const phrase of phrases)
    for (const word of phrase) {
      frequency.set(word, (frequency.get(word) ?? 0) + 1);
      degree.set(word, (degree.get(word) ?? 0) + phrase.length);
    }
  const keywords = new Map<string, Keyword>();
  for (const words of phrases) {
    const phrase = words.join(' ');
    const score = words.reduce((sum, word) => sum + (degree.get(word) ?? 0) / (frequency.get(word) ?? 1), 0);
    keywords.set(phrase, {
      phrase,
      score: Math.round(score * 100) / 100,
      count: (keywords.get(phrase)?.count ?? 0) + 1,
    });
  }
  return [...keywords.values()]
    .toSorted((a, b) => b.score - a.score || b.count - a.count || (a.phrase < b.phrase ? -1 : 1))
    .slice(0, limit);
}

function candidatePhrases(text: string): string[][] {
  return text.split(/[^\p{L}\p{N}\s'’-]+|\n/u).flatMap((fragment) => {
    const phrases: string[][] = [[]];
    for (const word of splitWords(fragment)) {
      if (STOP_WORDS.has(word) || word.length < 2) phrases.push([]);
      else phrases.at(-1)?.push(word);
    }
    return phrases.filter((words) => words.length > 0 && words.length <= MAX_WORDS);
  });
}
