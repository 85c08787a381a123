import type { Definition } from '../../../contracts/definition.js';
import { pointerOf } from '../json-pointer.js';
import type { CheckOptions } from './meaning/check.js';
import { checkMeaning } from './meaning/check-meaning.js';
import type { Finding, Problem } from './problem.js';
import { checkValue } from './schema/check-value.js';
import { DEFINITION_SCHEMA } from './schema/definition.schema.js';
import { isObject } from './schema/values.js';
import type { Position } from './text/lines.js';
import { DOCUMENT_LIMITS, readText } from './text/read-text.js';

export type { CatalogueFunction } from './meaning/check.js';

export interface CheckedDefinition {
  valid: boolean;
  /** All of them, in the order of the text. */
  errors: Problem[];
  /** What depends on the installation; a definition with warnings is valid. */
  warnings: Problem[];
  /**
   * When valid: the document as plain JSON. YAML's aliases are written out and its keys are text; nothing is added, left
   * out or resolved: defaults, `use` and `${ }` are the interpreter's. So it is what is stored, hashed and shown, and the
   * same document in YAML and JSON gives the same.
   */
  definition?: Definition;
}

type PositionOf = (finding: Finding) => Position | undefined;
const MAX_PROBLEMS = 500;

/**
 * Checks a workflow definition: YAML or JSON as text, or the value of one (then without lines). Everything wrong is told
 * in one pass, one mistake once. Never throws for what the document says.
 */
export function checkDefinition(document: string | object, options: CheckOptions = {}): CheckedDefinition {
  if (typeof document !== 'string') {
    const nowhere = () => undefined;
    if (!isDeeper(document, DOCUMENT_LIMITS.levels)) return checkDocument(document, options, nowhere);
    const message = `nested more than ${DOCUMENT_LIMITS.levels} levels deep`;
    return { valid: false, errors: problemsOf([{ path: [], code: 'too-deep', message }], nowhere), warnings: [] };
  }
  const read = readText(document);
  if ('mistakes' in read)
    return {
      valid: false,
      errors: problemsOf(read.mistakes, (mistake) => mistake as Finding & Position),
      warnings: [],
    };
  return checkDocument(read.value, options, read.positionOf);
}

/** Without recursion, since depth is what is in question. */
function isDeeper(value: object, levels: number): boolean {
  let level: object[] = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((outer) =>
      Object.values(outer).filter((inner): inner is object => typeof inner === 'object' && inner !== null),
    );
  }
  return false;
}

function checkDocument(value: unknown, options: CheckOptions, positionOf: PositionOf): CheckedDefinition {
  const shape = checkValue(DEFINITION_SCHEMA, value, [], { defs: DEFINITION_SCHEMA.$defs ?? {} });
  const meaning = isObject(value) ? checkMeaning(value, options) : { errors: [], warnings: [] };
  const wrong = shape.flatMap(placesOf);
  const isNew = ({ path }: Finding) => !wrong.some((place) => `${pointerOf(path)}/`.startsWith(place));
  const errors = problemsOf([...shape, ...meaning.errors.filter(isNew)], positionOf);
  const warnings = problemsOf(meaning.warnings, positionOf);
  if (errors.length > 0) return { valid: false, errors, warnings };
  return { valid: true, errors, warnings, definition: value as Definition };
}

/** Places whose meaning is not asked for: what follows from a wrong shape is no second mistake. */
function placesOf({ path, code, didYouMean }: Finding): string[] {
  if (code === 'missing-field' || path.length === 0) return [];
  const meant = code === 'unknown-field' && didYouMean !== undefined ? [[...path.slice(0, -1), didYouMean]] : [];
  return [path, ...meant].map((place) => `${pointerOf(place)}/`);
}

function problemsOf(findings: readonly Finding[], positionOf: PositionOf): Problem[] {
  const seen = new Set<string>();
  const problems = findings.flatMap((finding): Problem[] => {
    const { path, code, message, allowed, didYouMean } = finding;
    const place = pointerOf(path);
    const key = `${place} ${code} ${message}`;
    if (seen.has(key) || seen.size >= MAX_PROBLEMS) return [];
    seen.add(key);
    const { line, column } = positionOf(finding) ?? {};
    return [
      {
        ...(line === undefined || column === undefined ? {} : { line, column }),
        path: place,
        code,
        message,
        ...(allowed === undefined ? {} : { allowed: [...allowed] }),
        ...(didYouMean === undefined ? {} : { didYouMean }),
      },
    ];
  });
  return problems.sort(
    (left, right) => (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0),
  );
}
