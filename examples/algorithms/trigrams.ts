const PROFILE_SIZE = 300;

/** The most frequent trigrams of a text, most frequent first; ties in code-point order. */
export function trigramProfile(text: string, size = PROFILE_SIZE): string[] {
  const counts = new Map<string, number>();
  for (const word of text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? []) {
    const padded = Array.from(` ${word} `);
    for (let index = 0; index + 3 <= padded.length; index += 1) {
      const trigram = padded.slice(index, index + 3).join('');
      counts.set(trigram, (counts.get(trigram) ?? 0) + 1);
    }
  }
  return [...counts]
    .toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, size)
    .map(([trigram]) => trigram);
}

export interface LanguageGuess {
  /** ISO 639-1; `und` when the text has no words. */
  language: string;
  /** 0 to 1: how far the best language is ahead of the second. */
  confidence: number;
  ranking: { language: string; distance: number }[];
}

/**
 * The language whose profile is nearest by out-of-place distance (W. Cavnar, J. Trenkle, "N-Gram-Based Text
 * Categorization", SDAIR 1994), normalised to 0..1.
 */
export function identifyLanguage(text: string, profiles: ReadonlyMap<string, string[]>): LanguageGuess {
  const sample = trigramProfile(text);
  if (sample.length === 0) return { language: 'und', confidence: 0, ranking: [] };
  const ranking = [...profiles]
    .map(([language, profile]) => ({ language, distance: outOfPlace(sample, profile) }))
    .toSorted((a, b) => a.distance - b.distance || (a.language < b.language ? -1 : 1));
  const [best, second] = ranking;
  const confidence = second && second.distance > 0 ? 1 - (best?.distance ?? 0) / second.distance : 1;
  return { language: best?.language ?? 'und', confidence: Math.round(confidence * 1e4) / 1e4, ranking };
}

function outOfPlace(sample: string[], profile: string[]): number {
  const places = new Map(profile.map((trigram, place) => [trigram, place]));
  const sum = sample.reduce((total, trigram, place) => {
    const other = places.get(trigram);
    return total + (other === undefined ? PROFILE_SIZE : Math.min(PROFILE_SIZE, Math.abs(place - other)));
  }, 0);
  return Math.round((sum / (sample.length * PROFILE_SIZE)) * 1e4) / 1e4;
}
