import { splitSentences, splitWords, STOP_WORDS } from './words.js';

const DAMPING = 0.85;
const TOLERANCE = 1e-6;
const MAX_ITERATIONS = 100;

export interface Summary {
  summary: string;
  sentences: { text: string; position: number; score: number }[];
}

/**
 * The `count` most central sentences of a text, in their order. Sentences are linked by shared words over the
 * logarithms of their lengths, and ranked like pages (R. Mihalcea, P. Tarau, "TextRank: Bringing Order into Texts",
 * EMNLP 2004). Ties go to the earlier sentence.
 */
export function summarise(text: string, count = 2): Summary {
  const sentences = splitSentences(text);
  const scores = rankByLinks(linkSentences(sentences));
  const chosen = sentences
    .map((sentence, position) => ({ text: sentence, position, score: round(scores[position] ?? 0) }))
    .toSorted((a, b) => b.score - a.score || a.position - b.position)
    .slice(0, count)
    .toSorted((a, b) => a.position - b.position);
  return { summary: chosen.map((sentence) => sentence.text).join(' '), sentences: chosen };
}

function linkSentences(sentences: string[]): number[][] {
  const words = sentences.map((sentence) => new Set(splitWords(sentence).filter((word) => !STOP_WORDS.has(word))));
  return words.map((mine, row) =>
    words.map((others, column) => {
      const shared = [...mine].filter((word) => others.has(word)).length;
      const size = Math.log(mine.size) + Math.log(others.size);
      return row === column || shared === 0 || size <= 0 ? 0 : shared / size;
    }),
  );
}

/** PageRank over a symmetric weighted graph, by power iteration. */
function rankByLinks(weights: number[][]): number[] {
  const degree = weights.map((row) => row.reduce((sum, weight) => sum + weight, 0));
  let scores = weights.map(() => 1);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration += 1) {
    const next = weights.map((row) =>
      row.reduce((sum, weight, other) => {
        const out = degree[other] ?? 0;
        return weight === 0 ? sum : sum + (DAMPING * weight * (scores[other] ?? 0)) / out;
      }, 1 - DAMPING),
    );
    const change = Math.max(0, ...next.map((score, index) => Math.abs(score - (scores[index] ?? 0))));
    scores = next;
    if (change < TOLERANCE) break;
  }
  return scores;
}

const round = (score: number) => Math.round(score * 1e4) / 1e4;
