import type { Violation } from '../contracts/errors.js';

/** A request the agent does not answer with an output; becomes `application/problem+json`. */
export class AgentProblem extends Error {
  readonly errors: Violation[] | undefined;
  readonly retryAfterS: number | undefined;

  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
    options: { errors?: Violation[]; retryAfterS?: number; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'AgentProblem';
    this.errors = options.errors;
    this.retryAfterS = options.retryAfterS;
  }
}

/** zod's issues as violations, with paths such as `items[2].name`. */
export function violationsOf(issues: readonly { path: PropertyKey[]; message: string }[]): Violation[] {
  return issues.map(({ path, message }) => ({
    path: path.reduce<string>(
      (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${String(key)}`),
      '',
    ),
    message,
  }));
}
