import { BrikkError, type Violation } from '../../../contracts/errors.js';
import type { StartRun } from '../../../contracts/runs.js';
import { isRange } from '../../../selection/semver-range.js';
import {
  choosingFault,
  isMemoryTask,
  patternField,
  type PatternField,
} from '../../../workflows/language/pattern-fields.js';
import { inWords } from '../common/in-words.js';
import { propertyPath } from '../common/property-path.js';
import { checkExpression, checkOwnExpression, checkQuestion, checkTemplate, checkTold } from './check-expression.js';
import { type Need, needsAt } from './check-needs.js';
import { checkSchema } from './check-schema.js';

/** What calls inherit of the patterns around them. */
type Around = { idempotent?: unknown; select?: unknown; coordinator?: unknown };

/**
 * What a schema cannot say of a run: expressions compile, output schemas are schemas, version ranges can be read.
 * Gives the resources that its calls need, which the record has to know.
 * Fails `request.invalid` with every place, `expression.invalid` when only expressions are wrong.
 */
export function checkRun(
  { with: parameters }: Pick<StartRun, 'with'>,
  place: readonly (string | number)[] = ['with'],
): Need[] {
  const violations: Violation[] = [];
  const needed: Need[] = [];
  let onlyExpressions = true;
  const visit = (
    value: unknown,
    path: (string | number)[],
    around: Around = {},
    outer: readonly string[] = [],
  ): void => {
    if (typeof value !== 'object' || value === null) return;
    // Inherited as the calls will inherit it.
    const own = value as Around & { hedge?: unknown; each?: unknown };
    const { idempotent = around.idempotent, select = around.select, coordinator = around.coordinator } = own;
    const { hedge, each } = own;
    const names = typeof each === 'string' ? [...outer, each] : outer;
    const refuse = (field: string, message: string) => {
      onlyExpressions = false;
      violations.push({ path: propertyPath([...path, field]), message });
    };
    if (hedge !== undefined && !idempotent) refuse('hedge', 'goes with idempotent: true only');
    const fault = choosingFault(own, around);
    if (fault) refuse(fault.field, fault.message);
    for (const [name, inner] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(name) : name];
      if (name === 'needs') needed.push(...needsAt(at, inner));
      const check = Array.isArray(value) ? undefined : checkOf(name, isMemoryTask(value));
      if (!check) {
        visit(inner, at, { idempotent, select, coordinator }, names);
        continue;
      }
      for (const message of check(inner, names)) {
        if (check === checkSchema || check === checkRange) onlyExpressions = false;
        violations.push({ path: propertyPath(at), message });
      }
    }
  };
  visit(parameters, [...place]);
  if (violations.length === 0) return needed;
  const code = onlyExpressions ? 'expression.invalid' : 'request.invalid';
  throw new BrikkError(code, inWords('The run cannot work', violations), { violations });
}

const CHECKS: { [Kind in PatternField]: (value: unknown, names: readonly string[]) => string[] } = {
  template: checkTemplate,
  told: checkTold,
  jq: checkExpression,
  own: checkOwnExpression,
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
