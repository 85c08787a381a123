import { findCauses, findMeasures } from './cues.js';
import { scanPii } from './pii.js';
import { summarise } from './textrank.js';
import { splitWords } from './words.js';

export interface ReportFacts {
  title?: string;
  text: string;
  severity?: string;
}
export interface Report {
  title: string;
  severity: string;
  summary: string;
  cause: string;
  measures: string[];
}

/** What a checker may object to; each objection begins with one of these. */
const OBJECTIONS = {
  personalData: 'it holds personal data',
  tooLong: 'the summary is too long',
  noMeasures: 'it names no measure',
  noSeverity: 'it does not say how severe it is',
} as const;
const LONGEST_SUMMARY_WORDS = 45;

export function draftReport({ title, text, severity }: ReportFacts): Report {
  return {
    title: title ?? 'Incident',
    severity: severity ?? '',
    summary: summarise(text, 3).summary,
    cause: findCauses(text)[0]?.text ?? 'not known yet',
    measures: findMeasures(text).map((sentence) => sentence.text),
  };
}

/** The same report with what was objected to put right. */
export function reviseReport(report: Report, objections: readonly string[]): Report {
  const was = (objection: string) => objections.some((text) => text.startsWith(objection));
  const clean = was(OBJECTIONS.personalData) ? (text: string) => scanPii(text).redacted : (text: string) => text;
  const { severity, cause, measures } = report;
  const summary = was(OBJECTIONS.tooLong) ? summarise(report.summary, 1).summary : report.summary;
  return {
    title: clean(report.title),
    severity: severity === '' && was(OBJECTIONS.noSeverity) ? 'not rated' : severity,
    summary: clean(summary),
    cause: clean(cause),
    measures: was(OBJECTIONS.noMeasures) ? ['Ask the owner of the service for measures.'] : measures.map(clean),
  };
}

/** Why a report may not go out; empty when it may. */
export function objectionsTo({ title, severity, summary, cause, measures }: Report): string[] {
  const kinds = Object.keys(scanPii([title, summary, cause, ...measures].join('\n')).counts);
  const words = splitWords(summary).length;
  return [
    ...(kinds.length > 0 ? [`${OBJECTIONS.personalData}: ${kinds.join(', ')}`] : []),
    ...(words > LONGEST_SUMMARY_WORDS ? [`${OBJECTIONS.tooLong}: ${words} words of ${LONGEST_SUMMARY_WORDS}`] : []),
    ...(measures.length === 0 ? [OBJECTIONS.noMeasures] : []),
    ...(severity === '' ? [OBJECTIONS.noSeverity] : []),
  ];
}
