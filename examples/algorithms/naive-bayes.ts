import { splitWords, STOP_WORDS } from './words.js';

export interface Prediction {
  label: string;
  /** Posterior of the label, 0 to 1. */
  confidence: number;
}

interface ClassCounts {
  documents: number;
  words: Map<string, number>;
  total: number;
}

/**
 * Multinomial naive Bayes with add-one smoothing over words without stop words (A. McCallum, K. Nigam, "A Comparison
 * of Event Models for Naive Bayes Text Classification", 1998). Deterministic; words never seen say nothing.
 */
export class NaiveBayes {
  private readonly classes = new Map<string, ClassCounts>();
  private readonly vocabulary = new Set<string>();
  private documents = 0;

  static train(samples: readonly { text: string; label: string }[]): NaiveBayes {
    const model = new NaiveBayes();
    for (const { text, label } of samples) model.learn(text, label);
    return model;
  }

  /** The most probable label; the alphabetically first when several are. Fails when nothing was learned. */
  predict(text: string): Prediction {
    const words = features(text).filter((word) => this.vocabulary.has(word));
    const scored = [...this.classes]
      .map(([label, counts]) => ({ label, logScore: this.logScore(counts, words) }))
      .toSorted((a, b) => b.logScore - a.logScore || (a.label < b.label ? -1 : 1));
    const [best] = scored;
    if (!best) throw new Error('the classifier has learned nothing');
    const evidence = scored.reduce((sum, { logScore }) => sum + Math.exp(logScore - best.logScore), 0);
    return { label: best.label, confidence: Math.round(1e4 / evidence) / 1e4 };
  }

  private learn(text: string, label: string): void {
    const counts = this.classes.get(label) ?? { documents: 0, words: new Map<string, number>(), total: 0 };
    this.classes.set(label, counts);
    this.documents += 1;
    counts.documents += 1;
    for (const word of features(text)) {
      this.vocabulary.add(word);
      counts.words.set(word, (counts.words.get(word) ?? 0) + 1);
      counts.total += 1;
    }
  }

  private logScore({ documents, words: known, total }: ClassCounts, words: string[]): number {
    const prior = Math.log(documents / this.documents);
    const size = total + this.vocabulary.size;
    return words.reduce((sum, word) => sum + Math.log(((known.get(word) ?? 0) + 1) / size), prior);
  }
}

const features = (text: string) => splitWords(text).filter((word) => word.length > 2 && !STOP_WORDS.has(word));
