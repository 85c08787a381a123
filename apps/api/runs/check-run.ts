import { BrikkError, type Violation } from '../../../contracts/errors.js';
import type { StartRun } from '../../../contracts/runs.js';
import { isRange } from '../../../selection/semver-range.js';
import { isMemoryTask, patternField, type PatternField } from '../../../workflows/language/pattern-fields.js';
import { inWords } from '../common/in-words.js';
import { propertyPath } from '../common/property-path.js';
import { checkExpression, checkQuestion, checkTemplate } from './check-expression.js';
import { type Need, needsAt } from './check-needs.js';
import { checkSchema } from './check-schema.js';

/**
 * What a schema cannot say of a run: expressions compile, output schemas are schemas, version ranges can be read.
 * Gives the resources that its calls need, which the record has to know.
 * Fails `request.invalid` with every place, `expression.invalid` when only expressions are wrong.
 */
export function checkRun({ with: parameters }: Pick<StartRun, 'with'>): Need[] {
  const violations: Violation[] = [];
  const needed: Need[] = [];
  let onlyExpressions = true;
  const visit = (value: unknown, path: (string | number)[], around = false, outer: readonly string[] = []): void => {
    if (typeof value !== 'object' || value === null) return;
    // Inherited as the calls will inherit it.
    const { idempotent = around, hedge, each } = value as { idempotent?: boolean; hedge?: unknown; each?: unknown };
    const names = typeof each === 'string' ? [...outer, each] : outer;
    if (hedge !== undefined && !idempotent) {
      onlyExpressions = false;
      violations.push({ path: propertyPath([...path, 'hedge']), message: 'goes with idempotent: true only' });
    }
    for (const [name, inner] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(name) : name];
      if (name === 'needs') needed.push(...needsAt(at, inner));
      const check = Array.isArray(value) ? undefined : checkOf(name, isMemoryTask(value));
      if (!check) {
        visit(inner, at, idempotent, names);
        continue;
      }
      for (const message of check(inner, names)) {
        if (check === checkSchema || check === checkRange) onlyExpressions = false;
        violations.push({ path: propertyPath(at), message });
      }
    }
  };
  visit(parameters, ['with']);
  if (violations.length === 0) return needed;
  const code = onlyExpressions ? 'expression.invalid' : 'request.invalid';
  throw new BrikkError(code, inWords('The run cannot work', violations), { violations });
}

const CHECKS: { [Kind in PatternField]: (value: unknown, names: readonly string[]) => string[] } = {
  template: checkTemplate,
  jq: checkExpression,
  question: checkQuestion,
  schema: checkSchema,
  range: checkRange,
  data: () => [],
};

function checkOf(name: string, isInMemoryTask: boolean) {
  if (isInMemoryTask && name === 'with') return checkMemory;
  const kind = patternField(name);
  return kind && CHECKS[kind];
}

/** All that a task of shared memory says may be a template, but for the update, which is jq. */
function checkMemory(value: unknown, names: readonly string[]): string[] {
  const { update, default: _given, ...templates } = value as Record<string, unknown>;
  return [...checkExpression(update, names), ...checkTemplate(templates, names)];
}

function checkRange(value: unknown): string[] {
  return typeof value === 'string' && !isRange(value) ? ['must be a semver range such as ^1.2.0'] : [];
}
