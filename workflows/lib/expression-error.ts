/** An expression that does not compile or fails on its data: it ends the run with reason `invalid_expression`. */
export class ExpressionError extends Error {
  constructor(
    message: string,
    readonly path: string,
  ) {
    super(message);
    this.name = 'ExpressionError';
  }
}

/** What compiling gives; a text that is no jq fails with an `ExpressionError` that names the place. */
export function compiled<T>(where: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    throw new ExpressionError(error instanceof Error ? error.message : String(error), where);
  }
}
