import { NaiveBayes } from './naive-bayes.js';

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];
export const CATEGORIES = ['availability', 'performance', 'security', 'data', 'billing', 'access'] as const;
export type Category = (typeof CATEGORIES)[number];

export interface TriageSample {
  text: string;
  severity: Severity;
  category: Category;
}
export interface Triage {
  severity: Severity;
  category: Category;
  /** Of the less sure of the two. */
  confidence: number;
}

/** A classifier of incident texts, one model for the severity and one for the category. */
export function trainTriage(samples: readonly TriageSample[]): (text: string) => Triage {
  const severities = NaiveBayes.train(samples.map(({ text, severity }) => ({ text, label: severity })));
  const categories = NaiveBayes.train(samples.map(({ text, category }) => ({ text, label: category })));
  return (text) => {
    const severity = severities.predict(text);
    const category = categories.predict(text);
    return {
      severity: severity.label as Severity,
      category: category.label as Category,
      confidence: Math.min(severity.confidence, category.confidence),
    };
  };
}
