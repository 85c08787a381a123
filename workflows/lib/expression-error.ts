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
