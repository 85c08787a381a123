import { bareProgram, compile, JqError, splitTemplate } from '../../../workflows/language/jq/index.js';

/** What patterns give to expressions beside the data itself. */
const VARIABLES = ['input', 'item', 'index'];

/** Why a field that is jq, with or without `${ }`, does not compile. */
export function checkExpression(value: unknown): string[] {
  return typeof value === 'string' ? refusals(() => [bareProgram(value)]) : [];
}

/** Why expressions in the strings of a literal do not compile. */
export function checkTemplate(value: unknown): string[] {
  if (typeof value === 'string') return refusals(() => programsIn(value));
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(checkTemplate);
}

const programsIn = (text: string) => splitTemplate(text).flatMap((part) => (part.kind === 'program' ? part.text : []));

function refusals(find: () => string[]): string[] {
  let programs: string[];
  try {
    programs = find();
  } catch (error) {
    return [reasonOf(error)];
  }
  return programs.flatMap((program) => {
    try {
      compile(program, { variables: VARIABLES });
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
