import { BrikkError, type Violation } from '../../../contracts/errors.js';
import { bareProgram, compile, JqError } from '../../../workflows/language/jq/index.js';
import { inWords } from '../common/in-words.js';

/** An expression of a request, and the variables that it knows. */
export interface PlacedExpression {
  path: string;
  text: string | null | undefined;
  variables: readonly string[];
}

/** Fails `expression.invalid` with every place whose jq does not compile; `what` cannot work then. */
export function checkExpressions(what: string, expressions: PlacedExpression[]): void {
  const violations = expressions.flatMap(({ path, text, variables }): Violation[] => {
    const message = text === undefined || text === null ? undefined : whyNoProgram(text, variables);
    return message === undefined ? [] : [{ path, message }];
  });
  if (violations.length === 0) return;
  throw new BrikkError('expression.invalid', inWords(`${what} cannot work`, violations), { violations });
}

function whyNoProgram(text: string, variables: readonly string[]): string | undefined {
  try {
    compile(bareProgram(text), { variables });
    return undefined;
  } catch (error) {
    if (error instanceof JqError) return error.message;
    throw error;
  }
}
