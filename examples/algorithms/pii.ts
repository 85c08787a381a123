import { isIP } from 'node:net';
import { passesIban, passesLuhn } from './checksums.js';

export const PII_KINDS = ['email', 'iban', 'card', 'ssn', 'ip', 'phone'] as const;
export type PiiKind = (typeof PII_KINDS)[number];
export interface PiiFinding {
  kind: PiiKind;
  /** Offsets in the text, end exclusive. */
  start: number;
  end: number;
  /** First and last character, the rest hidden. */
  masked: string;
}
export interface PiiReport {
  findings: PiiFinding[];
  counts: Partial<Record<PiiKind, number>>;
  /** The text with each finding replaced by `[kind]`. */
  redacted: string;
}

interface Detector {
  kind: PiiKind;
  pattern: RegExp;
  accepts: (match: string) => boolean;
}
const digitsIn = (text: string) => text.replace(/\D/g, '').length;

/** In this order: what one has claimed, the next leaves alone. */
const DETECTORS: Detector[] = [
  {
    kind: 'email',
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])/g,
    accepts: (match) => !match.includes('..') && !match.startsWith('.'),
  },
  { kind: 'iban', pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, accepts: passesIban },
  {
    kind: 'card',
    pattern: /(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])/g,
    accepts: (match) => passesLuhn(match) && !/^0+$/.test(match.replace(/\D/g, '')),
  },
  // Never issued: area 000, 666 and 9xx, group 00, serial 0000 (SSA, POMS RM 10201.035).
  { kind: 'ssn', pattern: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g, accepts: () => true },
  {
    kind: 'ip',
    pattern: /(?<![\d.:A-Fa-f])(?:(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4})(?![\d:]|\.\d)/g,
    accepts: (match) => isIP(match) > 0,
  },
  {
    kind: 'phone',
    pattern: /(?<![\w.+-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,5}\)[ .-]?)?\d{2,5}(?:[ ./-]\d{2,5}){1,4}(?![\w-]|\.\d)/g,
    accepts: (match) =>
      digitsIn(match) <= 15 &&
      (match.startsWith('+') || match.includes('(') ? digitsIn(match) >= 8 : digitsIn(match) >= 10) &&
      !/^\d{4}-\d{2}-\d{2}/.test(match),
  },
];

/** Personal data in a text, in order, each stretch reported once; numbers count only when their checksum is right. */
export function scanPii(text: string): PiiReport {
  const findings: PiiFinding[] = [];
  for (const { kind, pattern, accepts } of DETECTORS)
    for (const match of text.matchAll(pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      const taken = findings.some((finding) => start < finding.end && finding.start < end);
      if (!taken && accepts(match[0])) findings.push({ kind, start, end, masked: mask(match[0]) });
    }
  findings.sort((a, b) => a.start - b.start);
  const counts: PiiReport['counts'] = {};
  for (const { kind } of findings) counts[kind] = (counts[kind] ?? 0) + 1;
  return { findings, counts, redacted: redact(text, findings) };
}

function redact(text: string, findings: PiiFinding[]): string {
  let position = 0;
  const parts = findings.map(({ kind, start, end }) => {
    const before = text.slice(position, start);
    position = end;
    return `${before}[${kind}]`;
  });
  return parts.join('') + text.slice(position);
}

const mask = (value: string) => `${value.slice(0, 1)}${'*'.repeat(Math.min(8, value.length - 2))}${value.slice(-1)}`;
