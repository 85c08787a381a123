import { Injectable } from '@nestjs/common';
import { BrikkError } from '../../../contracts/errors.js';
import type { Evaluate, PreviewTransform } from '../../../contracts/expressions.js';
import type { Json } from '../../../contracts/json.js';
import {
  bareProgram,
  compile,
  isTruthy,
  JqError,
  type Limits,
  placedMessage,
  run,
} from '../../../workflows/language/jq/index.js';

/** As the filters, transformations and routes of webhooks have it. */
const TRANSFORM_LIMITS = { steps: 100_000, bytes: 262_144 };

@Injectable()
export class ExpressionsService {
  /** Fails `expression.invalid` with the place when it does not compile, `expression.failed` when it ends in an error. */
  evaluate({ expression, input, variables }: Evaluate): { results: Json[] } {
    return { results: resultsOf('expression', expression, input, variables) };
  }

  /** What a filter and then a transformation make of a sample. Fails as `evaluate` does. */
  preview({ filter, transform, sample, variables }: PreviewTransform): { fits: boolean; results: Json[] } {
    const of = (path: string, program: string) =>
      resultsOf(path, bareProgram(program), sample, variables, TRANSFORM_LIMITS);
    const fits = filter === undefined || isTruthy(of('filter', filter)[0] ?? null);
    if (!fits) return { fits, results: [] };
    return { fits, results: transform === undefined ? [sample] : of('transform', transform) };
  }
}

function resultsOf(
  path: string,
  text: string,
  input: Json,
  variables: Evaluate['variables'],
  limits: Limits = {},
): Json[] {
  try {
    return [
      ...run(compile(text, { variables: Object.keys(variables) }), input, variables, { ...limits, now: Date.now() }),
    ];
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    const message = placedMessage(error);
    const code = error.kind === 'syntax' ? 'expression.invalid' : 'expression.failed';
    throw new BrikkError(code, message, { cause: error, violations: [{ path, message }] });
  }
}
