import { SEVERITIES, type Severity } from './triage.js';

/** One opinion on how severe an incident is. */
export interface Opinion {
  vote: Severity;
  reason: string;
  confidence: number;
}

const KEYWORDS: { severity: Severity; pattern: RegExp }[] = [
  {
    severity: 'critical',
    pattern: /\b(all customers|every region|no orders|lost quorum|personal data|card number)\b/giu,
  },
  { severity: 'high', pattern: /\b(outage|down|ausgefallen|charged twice|exposes?|stopped|standen still)\b/giu },
  { severity: 'medium', pattern: /\b(slow|delayed?|degraded|complaints?|verspätung|retry(?:ing)?)\b/giu },
];

/** By the most severe cue; the more cues of its kind, the surer. */
export function severityByKeywords(text: string): Opinion {
  for (const { severity, pattern } of KEYWORDS) {
    const found = [...new Set(text.toLowerCase().match(pattern))];
    if (found.length === 0) continue;
    const reason = `it says ${found.slice(0, 3).join(', ')}`;
    return { vote: severity, reason, confidence: Math.min(95, 30 + 15 * found.length) / 100 };
  }
  return { vote: 'low', reason: 'it says nothing alarming', confidence: 0.5 };
}

const QUANTITY = /(\d[\d.,]*)\s*(?:lost |affected |of )?(\p{L}+|%)/giu;
const IMPACT = /^(orders?|customers?|invoices?|complaints?|users?|visitors?|pakete|kunden)$/iu;

/** By the largest number of those it hit: thousands, hundreds, tens, fewer. */
export function severityByNumbers(text: string): Opinion {
  const hit = [...text.matchAll(QUANTITY)]
    .filter(([, , unit = '']) => IMPACT.test(unit))
    .map(([, digits = '', unit = '']) => ({ count: Number.parseFloat(digits.replace(/[.,](?=\d{3})/g, '')), unit }))
    .toSorted((one, other) => other.count - one.count)[0];
  if (!hit) return { vote: 'medium', reason: 'it gives no number of those it hit', confidence: 0.3 };
  const vote = hit.count >= 1_000 ? 'critical' : hit.count >= 100 ? 'high' : hit.count >= 10 ? 'medium' : 'low';
  return { vote, reason: `${hit.count} ${hit.unit}`, confidence: 0.7 };
}

/** What a voter hears of the round before: docs/patterns/consensus.md. */
export interface OtherVote {
  vote: unknown;
}

const SURE = 0.65;

/** Who is not sure gives way when more than half of the others agree on something else. */
export function reconsider(opinion: Opinion, others: readonly OtherVote[]): Opinion {
  if (opinion.confidence >= SURE || others.length === 0) return opinion;
  const rival = SEVERITIES.map((severity) => ({
    severity,
    votes: others.filter(({ vote }) => vote === severity).length,
  })).toSorted((one, other) => other.votes - one.votes)[0];
  if (!rival || rival.severity === opinion.vote || rival.votes * 2 <= others.length) return opinion;
  return { vote: rival.severity, reason: `${rival.votes} of ${others.length} others say so`, confidence: SURE };
}
