/** Names of what can be wrong; part of the API. */
export type ProblemCode =
  // Text
  | 'syntax'
  | 'duplicate-key'
  | 'custom-tag'
  | 'too-large'
  | 'too-deep'
  | 'too-many-aliases'
  | 'not-json'
  // Shape
  | 'wrong-type'
  | 'missing-field'
  | 'unknown-field'
  | 'conflicting-fields'
  | 'not-allowed'
  | 'wrong-format'
  | 'out-of-range'
  // Meaning
  | 'unsupported-dsl'
  | 'unsupported-language'
  | 'unsupported-protocol'
  | 'duplicate-name'
  | 'reserved-name'
  | 'unknown-target'
  | 'duplicate-default'
  | 'invalid-expression'
  | 'secret-not-allowed'
  | 'invalid-schema'
  | 'invalid-name'
  | 'invalid-cron'
  | 'invalid-duration'
  | 'invalid-with'
  | 'unknown-function'
  | 'unknown-catalog'
  | 'unknown-retry'
  | 'unknown-timeout'
  | 'unknown-error'
  | 'unknown-authentication'
  | 'unknown-secret'
  | 'function-cycle'
  | 'schedule-kinds'
  | 'too-many-branches'
  | 'too-many-tasks'
  // Warnings: what depends on the installation
  | 'unknown-agent'
  | 'unknown-capability'
  | 'unknown-workflow'
  | 'refused-kind'
  | 'static-filter'
  | 'ignored-field'
  | 'outside-catalog'
  | 'unknown-connection'
  | 'unknown-connector'
  | 'unknown-top-level';

export type Path = readonly (string | number)[];

/** Something wrong at a place of the document. */
export interface Finding {
  path: Path;
  /** Whether its key is wrong, or its value (the default). */
  at?: 'key';
  code: ProblemCode;
  /** A sentence without its place. */
  message: string;
  /** What would be right. */
  allowed?: readonly string[];
  didYouMean?: string;
}

/** A finding as users see it. */
export interface Problem {
  /** From 1. Absent, like `column`, when an object was checked, not a text. */
  line?: number;
  /** From 1, in code points. */
  column?: number;
  /** JSON pointer (RFC 6901). */
  path: string;
  code: ProblemCode;
  message: string;
  allowed?: string[];
  didYouMean?: string;
}

const MAX_SHOWN = 12;

/** One line: `flow.yaml:55:50 unknown-target /do/6/…/then: no task "repot" here; did you mean "report"? (triage, …)`. */
export function formatProblem(
  file: string,
  { line, column, path, code, message, allowed, didYouMean }: Problem,
): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const hint = didYouMean === undefined ? '' : `; did you mean "${didYouMean}"?`;
  const choice = allowed === undefined || allowed.length === 0 ? '' : ` (${listed(allowed)})`;
  return `${place} ${code}${path === '' ? '' : ` ${path}`}: ${message}${hint}${choice}`;
}

const listed = (allowed: readonly string[]) =>
  allowed.length > MAX_SHOWN ? `${allowed.slice(0, MAX_SHOWN).join(', ')}, ...` : allowed.join(', ');
