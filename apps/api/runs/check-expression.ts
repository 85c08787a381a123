import { bareProgram, compile, JqError, splitTemplate } from '../../../workflows/language/jq/index.js';
import { PATTERN_VARIABLES } from '../../../workflows/language/pattern-fields.js';

/** Why a field that is jq, with or without `${ }`, does not compile; `names` are variables beside those of all patterns. */
export function checkExpression(value: unknown, names: readonly string[] = []): string[] {
  if (typeof value !== 'string') return [];
  const reasons = refusals(() => [bareProgram(value)], [...PATTERN_VARIABLES, ...names]);
  return reasons.length > 0 && isHalfInside(value)
    ? ['must be jq as a whole: all of it inside of `${ }`, or none']
    : reasons;
}

/** The same for one that reads nothing but its data. */
export const checkOwnExpression = (value: unknown): string[] =>
  typeof value === 'string' ? refusals(() => [bareProgram(value)], []) : [];

/** Whoever writes templates elsewhere may expect `${ .n } > 3` to work here, too. */
function isHalfInside(text: string): boolean {
  try {
    return text.includes('${') && bareProgram(text) === text;
  } catch {
    return false;
  }
}

/** Why expressions in the strings of a literal do not compile. */
export function checkTemplate(value: unknown, names: readonly string[] = []): string[] {
  if (typeof value === 'string') return refusals(() => programsIn(value), [...PATTERN_VARIABLES, ...names]);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((part) => checkTemplate(part, names));
}

/** The same for what is evaluated as a call is made: it reads the pattern's input beside the call's. */
export function checkTold(value: unknown): string[] {
  if (typeof value === 'string') return refusals(() => programsIn(value), ['input']);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(checkTold) : [];
}

/** A question may read what is to be approved, and the item it belongs to. */
export const checkQuestion = (value: unknown): string[] =>
  typeof value === 'string' ? refusals(() => programsIn(value), ['item', 'index']) : [];

const programsIn = (text: string) => splitTemplate(text).flatMap((part) => (part.kind === 'program' ? part.text : []));

function refusals(find: () => string[], variables: readonly string[]): string[] {
  let programs: string[];
  try {
    programs = find();
  } catch (error) {
    return [reasonOf(error)];
  }
  return programs.flatMap((program) => {
    try {
      compile(program, { variables });
      return [];
    } catch (error) {
      return [reasonOf(error)];
    }
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof JqError) return error.message;
  throw error;
}
