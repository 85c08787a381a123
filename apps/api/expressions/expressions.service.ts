import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import type { Json } from '../../../contracts/json.js';
import { compile, JqError, placedMessage, run } from '../../../workflows/language/jq/index.js';
import type { Evaluate } from './expressions.controller.js';

@Injectable()
export class ExpressionsService {
  /** Fails `expression.invalid` with the place when it does not compile, `expression.failed` when it ends in an error. */
  evaluate({ expression, input, variables }: Evaluate): { results: Json[] } {
    try {
      const program = compile(expression, { variables: Object.keys(variables) });
      return { results: [...run(program, input, variables, { now: Date.now() })] };
    } catch (error) {
      throw nameFailure(error);
    }
  }
}

function nameFailure(error: unknown): unknown {
  if (!(error instanceof JqError)) return error;
  const message = placedMessage(error);
  const violations = [{ path: 'expression', message }];
  const code = error.kind === 'syntax' ? 'expression.invalid' : 'expression.failed';
  return new BrikkError(code, message, { cause: error, violations });
}
